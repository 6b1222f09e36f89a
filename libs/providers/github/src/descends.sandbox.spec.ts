import { MemoryRateLimiter, systemClock } from '@slipway/engine';
import { createStepRig, sandboxForSuite } from '@slipway/engine/testing';
import { GithubConfig } from './config.js';
import { githubProvider } from './provider.js';

const sandbox = sandboxForSuite();

async function api<T>(method: string, path: string, body?: object): Promise<T> {
  const { url, token } = sandbox.github;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v3${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return (await response.json()) as T;
}

it('tells a later commit from an earlier one, one beside it, and an unknown one', async () => {
  const { url, org } = sandbox.github;
  const config = GithubConfig.parse({
    ...{ url, apiUrl: `${url}/api/v3`, org, token: 'env:GITHUB_TOKEN', webhookSecret: 'env:NOT_USED', throttle: false },
  });
  const context = createStepRig({ kinds: [], secrets: { 'env:GITHUB_TOKEN': sandbox.github.token } }).context();
  const { commits } = githubProvider(config, { secrets: context.secrets, limiter: new MemoryRateLimiter(systemClock) });
  await api('POST', `/orgs/${org}/repos`, { name: 'lines', auto_init: true });
  const put = async (branch: string, path: string) => {
    const content = Buffer.from(path).toString('base64');
    const { commit } = await api<{ commit: { sha: string } }>('PUT', `/repos/${org}/lines/contents/${path}`, { message: path, content, branch });
    return commit.sha;
  };
  const first = await put('main', 'one');
  await api('POST', `/repos/${org}/lines/git/refs`, { ref: 'refs/heads/beside', sha: first });
  const later = await put('main', 'two');
  const beside = await put('beside', 'three');

  const ask = (ancestor: string, commit: string, repositoryUrl = `${url}/${org}/lines.git`) =>
    commits?.descends(context, { repositoryUrl, ancestor, commit });
  expect(await ask(first, later)).toBe(true);
  expect(await ask(first, first)).toBe(true);
  expect(await ask(later, first)).toBe(false);
  expect(await ask(later, beside)).toBe(false);
  expect(await ask('f'.repeat(40), later)).toBe(false);
  expect(await ask(first, later, 'https://git.example.com/acme/lines.git')).toBeUndefined();
});
