import { PlainUrl } from '@slipway/contracts';
import { z } from 'zod';

/**
 * How applications and workflows log in for themselves: auth methods that an administrator made once, for all of them. Each
 * application gets a role of its own, associated with a method for just its own sub-claims, so both methods should have
 * `force-sub-claims`. Access ids are no secrets: they stand in manifests and workflows.
 */
export const AccessConfig = z.strictObject({
  /** Where applications reach the Gateway, if elsewhere than `url`. */
  url: PlainUrl.optional(),
  kubernetes: z
    .strictObject({
      /** Path of the auth method of type k8s. */
      authMethod: z.string().min(1),
      accessId: z.string().min(1),
      /** The `k8s-auth-config-name` under which the Gateway knows the cluster. */
      authConfig: z.string().min(1),
      /** What the projected token of the service account is for; absent: the cluster's own audience. */
      audience: z.string().min(1).optional(),
      /** The sub-claim that names the service account; nothing we could find documents it. */
      serviceAccountClaim: z.string().min(1).default('service_account_name'),
    })
    .optional(),
  github: z
    .strictObject({
      /** Path of the auth method of type JWT (oauth2) whose issuer is GitHub Actions. */
      authMethod: z.string().min(1),
      accessId: z.string().min(1),
      /** What workflows ask their token for: one of its own, so that a token meant for others opens nothing here. */
      audience: z.string().min(1),
    })
    .optional(),
});
export type AccessConfig = z.infer<typeof AccessConfig>;
