import { PlainUrl, SecretReference } from '@slipway/contracts';
import { z } from 'zod';
import { AccessConfig } from './access-config.js';

export const AkeylessConfig = z.strictObject({
  /** The Gateway's API (https://gateway:8081, or :8000/api/v2), or https://api.akeyless.io; dynamic secrets need a Gateway. */
  url: PlainUrl,
  accessId: z.string().min(1),
  accessKey: SecretReference,
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
  /** Absent: `akeyless:access:grant` cannot be used. */
  access: AccessConfig.prefault({}),
});
export type AkeylessConfig = z.infer<typeof AkeylessConfig>;
