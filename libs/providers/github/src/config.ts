import { PlainUrl, SecretReference } from '@slipway/contracts';
import { z } from 'zod';

const BaseUrl = PlainUrl.transform((url) => url.replace(/\/+$/, ''));

/** A GitHub App that is installed on all repositories of the organisation. */
const App = z.strictObject({
  /** Its id or its client id. */
  id: z.union([z.int().positive(), z.string().regex(/^[A-Za-z0-9.]+$/, 'must be the id or the client id of the App')]),
  /** Absent: looked up by the organisation. */
  installationId: z.int().positive().optional(),
  /** The PEM that GitHub gave. */
  privateKey: SecretReference,
});

/** One GitHub organisation, as an integration names it. */
export const GithubConfig = z.strictObject({
  /** Where people and git go: `https://github.com`, or the address of a GitHub Enterprise Server. */
  url: BaseUrl.default('https://github.com'),
  /** Where the REST API answers: `https://api.github.com`, or `<server>/api/v3`. */
  apiUrl: BaseUrl.default('https://api.github.com'),
  org: z.string().regex(/^[A-Za-z0-9](?:-?[A-Za-z0-9])*$/, 'must be the login of an organisation'),
  /** A token that may administer repositories, write contents and write workflows. Either it or an App. */
  token: SecretReference.optional(),
  app: App.optional(),
  webhookSecret: SecretReference,
  /** GitHub asks for one write at a time and a second between two. Turn off only where the other side has no such limits. */
  throttle: z.boolean().default(true),
}).refine(({ token, app }) => (token === undefined) !== (app === undefined), {
  path: ['token'],
  message: 'either `token` or `app` must be given, and not both',
});
export type GithubConfig = z.infer<typeof GithubConfig>;
