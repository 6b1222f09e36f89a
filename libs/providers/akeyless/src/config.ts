import { PlainUrl, SecretReference } from '@slipway/contracts';
import { z } from 'zod';
import { AccessConfig } from './access-config.js';

/** Not of Akeyless itself: it would have to log in to learn how to log in. */
const Elsewhere = SecretReference.refine((reference) => !reference.startsWith('akeyless:'), 'must not lie in Akeyless itself');

const Settings = z.strictObject({
  /**
   * The base of the Gateway's API, port and path as one: https://gateway:8081, :8080/v2 or :8000/api/v2; or https://api.akeyless.io.
   * Dynamic and rotated secrets and a log-in by Kubernetes need a Gateway.
   */
  url: PlainUrl,
  accessId: z.string().min(1),
  /** How we log in: one of these three. */
  accessKey: Elsewhere.optional(),
  kubernetes: z
    .strictObject({
      /** The `k8s-auth-config-name` under which the Gateway knows the cluster. */
      authConfig: z.string().min(1),
      /** Of the projected token of our service account, which the kubelet replaces; read at each login. */
      tokenFile: z.string().startsWith('/').default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
    })
    .optional(),
  jwt: Elsewhere.optional(),
  /** The folder that everything Slipway makes lies in. */
  prefix: z
    .string()
    .regex(
      /^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/,
      'must be a path of letters, digits, dots, dashes and underscores, such as /slipway',
    )
    .default('/slipway'),
  /** Path of the certificate authority that signed the Gateway's certificate, PEM. Absent: those that Node trusts. */
  ca: z.string().min(1).optional(),
  /**
   * How databases are reached from here, to try credentials: `direct` at the host and port that a step names, or all of them at
   * one address. Absent: only the Gateway reaches them, and none is tried.
   */
  databases: z
    .union([
      z.literal('direct'),
      z.strictObject({ host: z.string().min(1).max(253), port: z.int().min(1).max(65_535).default(3306) }),
    ])
    .optional(),
  /** Where the customer fragment's service answers, for health: `/api/derived-key` below it is asked. Absent: it is not. */
  customerFragment: z.strictObject({ url: PlainUrl }).optional(),
  /** Absent: `akeyless:access:grant` cannot be used. */
  access: AccessConfig.prefault({}),
});

export const AkeylessConfig = Settings.refine(
  ({ accessKey, kubernetes, jwt }) => [accessKey, kubernetes, jwt].filter((way) => way !== undefined).length === 1,
  'must say how to log in, by one of accessKey, kubernetes and jwt',
);
export type AkeylessConfig = z.infer<typeof AkeylessConfig>;
