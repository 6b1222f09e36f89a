import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from '../core/clock.js';
import { RemoteFailure } from './remote-failure.js';
import type { GitCredential } from './smart-http.js';

export interface GitHubApp {
  githubAppID: number;
  githubAppInstallationID: number;
  githubAppPrivateKey: string;
  githubAppEnterpriseBaseUrl?: string | undefined;
}

const ANSWER_WITHIN_MS = 10_000;
const DEFAULT_BASE_URL = 'https://api.github.com';

export function isComplete(source: Partial<GitHubApp>): source is GitHubApp {
  return Boolean(source.githubAppID && source.githubAppInstallationID && source.githubAppPrivateKey);
}

/** A token of the installation, got for this reading. @throws RemoteFailure */
export async function appCredential(app: GitHubApp, clock: Clock): Promise<GitCredential> {
  const base = (app.githubAppEnterpriseBaseUrl || DEFAULT_BASE_URL).replace(/\/+$/, '');
  const url = `${base}/app/installations/${app.githubAppInstallationID}/access_tokens`;
  try {
    const authorization = `Bearer ${await signedAs(app, clock)}`;
    const headers = { authorization, accept: 'application/vnd.github+json' };
    const response = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!response.ok) throw new Error(`received non 2xx response status "${response.status}" when fetching ${url}`);
    const { token } = (await response.json()) as { token: string };
    return { username: 'x-access-token', password: token };
  } catch (error) {
    throw new RemoteFailure(`could not refresh installation id ${app.githubAppInstallationID}'s token: ${(error as Error).message}`);
  }
}

function signedAs({ githubAppID, githubAppPrivateKey }: GitHubApp, clock: Clock): Promise<string> {
  const now = Math.floor(clock.now() / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(String(githubAppID))
    .setIssuedAt(now - 30)
    .setExpirationTime(now + 120)
    .sign(createPrivateKey(githubAppPrivateKey));
}
