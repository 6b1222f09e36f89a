import { PlainUrl, SecretReference } from '@slipway/contracts';
import { z } from 'zod';

const Place = z.strictObject({
  /** Of the server, with its root path if it has one: `https://argocd.example.com`. */
  url: PlainUrl.transform((url) => url.replace(/\/+$/, '')),
  /** The AppProject that our applications belong to. */
  project: z.string().min(1).default('default'),
  /** The API server that Argo CD deploys to, as Argo CD reaches it. */
  destination: z.url().default('https://kubernetes.default.svc'),
  /** `project`: registered for the project alone, as a project's token must; Argo CD tests no connection then. */
  repositoryScope: z.enum(['instance', 'project']).default('instance'),
});

/** One Argo CD server and how to get in: a token (best of a project role), or an account's password. */
export const ArgocdConfig = z.union([
  Place.extend({ token: SecretReference }),
  // Argo CD refuses longer user names.
  Place.extend({ username: z.string().min(1).max(32), password: SecretReference }),
]);
export type ArgocdConfig = z.infer<typeof ArgocdConfig>;
