import { Identifier, SecretReference } from '@slipway/contracts';
import { AkeylessConfig } from '@slipway/provider-akeyless';
import { ArgocdConfig } from '@slipway/provider-argocd';
import { GithubConfig } from '@slipway/provider-github';
import { KubernetesConfig } from '@slipway/provider-kubernetes';
import { z } from 'zod';

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
  /** Golden paths offered as actions; a relative path starts at the configuration's folder. */
  templates: z.array(z.strictObject({ path: z.string().min(1) })).default([]),
  integrations: z
    .strictObject({
      github: GithubConfig.optional(),
      kubernetes: KubernetesConfig.optional(),
      argocd: ArgocdConfig.optional(),
      akeyless: AkeylessConfig.optional(),
    })
    .default({}),
});
export type Config = z.infer<typeof Config>;
