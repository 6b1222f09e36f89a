import { basename } from 'node:path';
import { Identifier, SecretReference } from '@slipway/contracts';
import { AkeylessConfig } from '@slipway/provider-akeyless';
import { ArgocdConfig } from '@slipway/provider-argocd';
import { GithubConfig } from '@slipway/provider-github';
import { KubernetesConfig } from '@slipway/provider-kubernetes';
import { z } from 'zod';

const AtOnce = z.int().min(1).max(1_000).default(16);
const Days = z.int().min(1).max(36_500);

const Refresh = z.int().min(5).max(7 * 24 * 3_600);

/** A relative path starts at the configuration's folder. */
const FolderSource = z
  .strictObject({ name: Identifier.optional(), path: z.string().min(1), refreshSeconds: Refresh.optional() })
  .transform(({ name, ...source }) => ({ ...source, name: name ?? basename(source.path) }));

const GitSource = z.strictObject({
  name: Identifier,
  git: z.url({ protocol: /^(https?|file)$/ }).refine((url) => !/^\w+:\/\/[^/]*@/.test(url), 'must hold no user name or password'),
  /** Branch or tag. */
  ref: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/, 'must be a plain branch or tag name').default('main'),
  /** From the repository's root. */
  path: z.string().regex(/^(?!\/)(?!.*\.\.)[\w. /-]+$/, 'must be a folder inside the repository').default('.'),
  token: SecretReference.optional(),
  refreshSeconds: Refresh.default(300),
});

const Host = z
  .string()
  .refine((host) => URL.parse(`https://${host}`)?.host === host, 'must be a host as in a url, such as github.com or git.example.com:8443');

const AllowedHost = z
  .union([Host, z.strictObject({ host: Host, private: z.boolean().optional(), ca: z.string().min(1).optional(), token: SecretReference.optional() })])
  .transform((entry) => (typeof entry === 'string' ? { host: entry } : entry));

/** The YAML at `SLIPWAY_CONFIG`. Secrets are references, never values. */
export const Config = z.strictObject({
  /** Where people and webhooks reach the api, e.g. https://slipway.example.com. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  clients: z
    .array(z.strictObject({ id: Identifier, secret: SecretReference, roles: z.array(z.enum(['admin', 'member'])), team: z.string().optional() }))
    .default([]),
  users: z
    .array(z.strictObject({ email: z.email(), name: z.string().min(1), roles: z.array(z.enum(['admin', 'member'])).default(['member']), team: z.string().optional() }))
    .default([]),
  /** Golden paths offered as actions. */
  templates: z
    .array(z.union([FolderSource, GitSource]))
    .default([])
    .refine((sources) => new Set(sources.map(({ name }) => name)).size === sources.length, 'must have a name of its own each'),
  /** What templates may fetch from elsewhere by `fetch:*`, over https; nothing unless it is named. */
  allowedHosts: z
    .array(AllowedHost)
    .default([])
    .refine((hosts) => new Set(hosts.map(({ host }) => host)).size === hosts.length, 'must name each host once'),
  /** What every template may use: `environment.parameters.NAME`, and `environment.secrets.NAME` where a step takes it. */
  environment: z
    .strictObject({ parameters: z.record(Identifier, z.json()).default({}), secrets: z.record(Identifier, SecretReference).default({}) })
    .prefault({}),
  integrations: z
    .strictObject({
      github: GithubConfig.optional(),
      kubernetes: KubernetesConfig.optional(),
      argocd: ArgocdConfig.optional(),
      akeyless: AkeylessConfig.optional(),
    })
    .default({}),
  /** Calls of one worker to each integration at the same time. */
  atOnce: z
    .strictObject({ github: AtOnce, kubernetes: AtOnce, argocd: AtOnce, akeyless: AtOnce })
    .prefault({}),
  history: z
    .strictObject({
      /** Ended so long ago, a run's events are packed; they read as before. */
      archiveAfterDays: Days.default(30),
      /** Ended so long ago, they are deleted; absent: never. */
      deleteAfterDays: Days.optional(),
    })
    .refine(({ archiveAfterDays, deleteAfterDays = Infinity }) => deleteAfterDays >= archiveAfterDays, {
      path: ['deleteAfterDays'],
      message: 'must not be less than archiveAfterDays: history is archived before it is deleted',
    })
    .prefault({}),
});
export type Config = z.infer<typeof Config>;
