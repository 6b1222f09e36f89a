import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Product } from './start-product.js';

const SandboxFile = z.object({ github: z.object({ app: z.object({ clientId: z.string(), installationId: z.number(), privateKey: z.string() }) }) });

/** GitHub as its users, and other apps than ours, call it. */
export class GithubClient {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static asUser({ demo }: Product): GithubClient {
    return new GithubClient(`${demo.sandbox.github.url}/api/v3`, demo.sandbox.github.token);
  }

  /** As an installation of the sandbox's GitHub App, which alone can make checks. */
  static async asApp({ home, demo }: Product): Promise<GithubClient> {
    const { github } = SandboxFile.parse(JSON.parse(await readFile(path.join(home, 'sandbox/sandbox.json'), 'utf8')));
    const { clientId, installationId, privateKey } = github.app;
    const app = new GithubClient(`${demo.sandbox.github.url}/api/v3`, signed({ iss: clientId }, privateKey));
    const { token } = z.object({ token: z.string() }).parse(await app.call('POST', `/app/installations/${installationId}/access_tokens`));
    return new GithubClient(app.url, token);
  }

  async call(method: string, at: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${at}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${at} of GitHub answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function signed(claims: object, privateKey: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const text = `${part({ alg: 'RS256' })}.${part({ iat: now - 60, exp: now + 300, ...claims })}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
}
