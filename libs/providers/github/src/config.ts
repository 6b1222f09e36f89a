import { PlainUrl, SecretReference } from '@slipway/contracts';
import { z } from 'zod';

const BaseUrl = PlainUrl.transform((url) => url.replace(/\/+$/, ''));

/** One GitHub organisation, as an integration names it. */
export const GithubConfig = z.strictObject({
  /** Where people and git go: `https://github.com`, or the address of a GitHub Enterprise Server. */
  url: BaseUrl.default('https://github.com'),
  /** Where the REST API answers: `https://api.github.com`, or `<server>/api/v3`. */
  apiUrl: BaseUrl.default('https://api.github.com'),
  org: z.string().regex(/^[A-Za-z0-9](?:-?[A-Za-z0-9])*$/, 'must be the login of an organisation'),
  /** A token that may administer repositories, write contents and write workflows. */
  token: SecretReference,
  webhookSecret: SecretReference,
  /** GitHub asks for one write at a time and a second between two. Turn off only where the other side has no such limits. */
  throttle: z.boolean().default(true),
});
export type GithubConfig = z.infer<typeof GithubConfig>;
