import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Octokit } from 'octokit';
import { SandboxProcess } from './testing/sandbox-process.js';

let sandbox: SandboxProcess;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
}, 90_000);

afterAll(() => sandbox.remove());

afterEach(() => sandbox.control('DELETE', '/faults'));

function user(signal?: AbortSignal): Promise<Response> {
  const { url, token } = sandbox.connection.github;
  return fetch(`${url}/user`, { headers: { authorization: `Bearer ${token}` }, ...(signal && { signal }) });
}

function createRepository(name: string, signal?: AbortSignal): Promise<Response> {
  const { url, token, org } = sandbox.connection.github;
  return fetch(`${url}/orgs/${org}/repos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
    ...(signal && { signal }),
  });
}

async function exists(name: string): Promise<boolean> {
  const { url, token, org } = sandbox.connection.github;
  return (await fetch(`${url}/repos/${org}/${name}`, { headers: { authorization: `Bearer ${token}` } })).ok;
}

describe('faults', () => {
  it('does what was asked and stays silent', async () => {
    const match = { method: 'POST', path: '/orgs/*/repos' };
    await sandbox.control('PUT', '/faults', [{ system: 'github', match, fault: 'applied-then-timeout', times: 1 }]);
    await expect(createRepository('ghost', AbortSignal.timeout(1_000))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await exists('ghost')).toBe(true);
  });

  it('stays silent without doing anything', async () => {
    const match = { method: 'POST', path: '/**' };
    await sandbox.control('PUT', '/faults', [{ system: 'github', match, fault: 'timeout', times: 1 }]);
    await expect(createRepository('nothing', AbortSignal.timeout(500))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await exists('nothing')).toBe(false);
  });
});

describe('the request log', () => {
  it('shows what was asked, with secret values masked', async () => {
    await user();
    const { github, argocd } = sandbox.connection;
    const login = JSON.stringify({ username: 'admin', password: argocd.password });
    await fetch(`${argocd.url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: login });
    const requests = JSON.stringify(await sandbox.control('GET', '/requests'));
    expect(requests).toContain('"path":"/user"');
    expect(requests).toContain('"username":"admin"');
    expect(requests).not.toContain(github.token);
    expect(requests).not.toContain(argocd.password);
  });
});

describe('the process', () => {
  it('keeps credentials, ports and state over a stop and over a kill', async () => {
    const before = sandbox.connection;
    expect((await stat(join(sandbox.home, 'sandbox.json'))).mode & 0o777).toBe(0o600);
    await createRepository('kept');
    const startedAt = Date.now();
    expect(await sandbox.stop('SIGTERM')).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    await sandbox.start();
    expect(sandbox.connection).toEqual(before);
    expect(await exists('kept')).toBe(true);

    await createRepository('kept-too');
    await sandbox.stop('SIGKILL');
    await sandbox.start();
    expect(sandbox.connection).toEqual(before);
    expect(await exists('kept-too')).toBe(true);
  }, 90_000);

  it('forgets all but its credentials when reset', async () => {
    const { url, token } = sandbox.connection.github;
    await createRepository('forgotten');
    await sandbox.control('POST', '/reset');
    const octokit = new Octokit({ baseUrl: url, auth: token });
    expect((await octokit.rest.repos.listForOrg({ org: sandbox.connection.github.org })).data).toEqual([]);
  });
});
