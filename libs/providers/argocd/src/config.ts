import { PlainUrl, SecretReference } from '@slipway/contracts';
import { z } from 'zod';

/** What Argo CD reads repositories with, where it is not to take that of its template for the organisation. */
const RepositoryCredential = z.union([
  z.strictObject({ username: z.string().min(1).default('git'), password: SecretReference }),
  z.strictObject({
    githubApp: z.strictObject({
      id: z.int().positive(),
      installationId: z.int().positive(),
      privateKey: SecretReference,
      /** Of a GitHub Enterprise Server: `https://github.example.com/api/v3`. */
      enterpriseUrl: PlainUrl.optional(),
    }),
  }),
]);
export type RepositoryCredential = z.infer<typeof RepositoryCredential>;

const Place = z.strictObject({
  /** Of the server, with its root path if it has one (`--rootpath`): `https://example.com/argo-cd`. */
  url: PlainUrl.transform((url) => url.replace(/\/+$/, '')),
  /** Path of the certificate authority that signed the server's certificate, where no public one did. */
  ca: z.string().min(1).optional(),
  /** The AppProject that our applications belong to, where a step names none. */
  project: z.string().min(1).default('default'),
  /** The API server that Argo CD deploys to, as Argo CD reaches it. */
  destination: z.url().default('https://kubernetes.default.svc'),
  /** `project`: registered for the project alone, as a project's token must; Argo CD tests no connection then. */
  repositoryScope: z.enum(['instance', 'project']).default('instance'),
  /** Absent: Argo CD takes that of its credential template for the organisation, and none is stored for each repository. */
  repositoryCredential: RepositoryCredential.optional(),
});

/** One Argo CD server and how to get in: a token (best of a project role), or an account's password. */
export const ArgocdConfig = z.union([
  Place.extend({ token: SecretReference }),
  // Argo CD refuses longer user names.
  Place.extend({ username: z.string().min(1).max(32), password: SecretReference }),
]);
export type ArgocdConfig = z.infer<typeof ArgocdConfig>;
