import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createStepRig, exerciseStep, sandboxForSuite, stepOf, type StepScene } from '@slipway/engine/testing';
import { ArgocdConfig } from './config.js';
import { argocdProvider } from './provider.js';

const git = promisify(execFile);

const sandbox = sandboxForSuite();
let names = 0;

function setUp(password = sandbox.argocd.password) {
  const config = ArgocdConfig.parse({
    url: sandbox.argocd.url,
    username: sandbox.argocd.username,
    password: 'env:ARGOCD_PASSWORD',
  });
  const secrets = { 'env:ARGOCD_PASSWORD': password };
  const provider = argocdProvider(config, createStepRig({ kinds: [], secrets }).context().secrets);
  const name = `shop-${process.pid}-${(names += 1)}`;
  return {
    ...{ provider, kinds: provider.kinds, secrets, name },
    register: stepOf(provider, 'argocd:repository:register'),
    create: stepOf(provider, 'argocd:application:create'),
    wait: stepOf(provider, 'argocd:application:wait'),
  };
}

/** A repository on GitHub with manifests for one small application; without a namespace, the cluster refuses them. */
async function publish(name: string, options: { namespace: boolean }): Promise<{ url: string; commit: string }> {
  const { url, token, org } = sandbox.github;
  const response = await fetch(`${url}/api/v3/orgs/${org}/repos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, private: true }),
  });
  expect(response.status).toBe(201);
  const place = await mkdtemp(join(tmpdir(), 'slipway-manifests-'));
  const run = (...args: string[]) =>
    git('git', ['-C', place, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args]);
  try {
    await run('init', '--quiet', '--initial-branch=main');
    await mkdir(join(place, 'k8s'));
    await writeFile(join(place, 'k8s', 'app.yaml'), manifests(name, options.namespace));
    await run('add', '.');
    await run('commit', '--quiet', '-m', 'Begin');
    await run('push', '--quiet', `${url.replace('://', `://x:${token}@`)}/${org}/${name}.git`, 'HEAD:refs/heads/main');
    return { url: `${url}/${org}/${name}.git`, commit: (await run('rev-parse', 'HEAD')).stdout.trim() };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function manifests(name: string, namespace: boolean): string {
  const labels = { app: name };
  const container = { name: 'app', image: 'registry.example.com/app:1' };
  const objects = [
    ...(namespace ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }] : []),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: name }, data: { greeting: 'hello' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', namespace: name },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
  ];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

/** Another's hand: Argo CD's API past our own client. */
async function api(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, never> }> {
  const headers = { 'content-type': 'application/json' };
  const { username, password, url } = sandbox.argocd;
  const login = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ username, password }) });
  const { token } = (await login.json()) as { token: string };
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

async function registrationsOf(url: string): Promise<object[]> {
  const { items } = (await api('GET', '/repositories')).body as { items?: { repo: string; name?: string; type?: string }[] };
  return (items ?? []).filter((item) => item.repo === url).map(({ repo, name, type }) => ({ repo, name, type }));
}

async function loginsAskedFor(): Promise<number> {
  const requests = (await sandbox.callControl('GET', '/requests?system=argocd')) as { method: string; path: string }[];
  return requests.filter(({ method, path }) => method === 'POST' && path === '/api/v1/session').length;
}

exerciseStep('argocd:repository:register', async (): Promise<StepScene> => {
  const { register, name, kinds, secrets } = setUp();
  const { url } = await publish(name, { namespace: true });
  return {
    ...{ kinds, secrets, step: register, input: { url } },
    count: async () => (await registrationsOf(url)).length,
    foreign: {
      make: async () => void (await api('POST', '/repositories', { repo: url, type: 'git' })),
      look: () => registrationsOf(url),
      code: 'argocd_repository_taken',
    },
  };
});

exerciseStep('argocd:application:create', async (): Promise<StepScene> => {
  const { create, name, kinds, secrets } = setUp();
  const { url } = await publish(name, { namespace: true });
  const look = () => api('GET', `/applications/${name}?project=default`);
  return {
    ...{ kinds, secrets, step: create },
    input: { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name },
    count: async () => ((await look()).status === 200 ? 1 : 0),
    foreign: {
      make: async () => void (await api('POST', '/applications', applicationOf(name, url))),
      look: async () => {
        const { metadata, spec } = (await look()).body as { metadata?: { uid: string; labels?: object }; spec?: object };
        return { uid: metadata?.uid, labels: metadata?.labels, spec };
      },
      code: 'argocd_name_taken',
    },
  };
});

function applicationOf(name: string, repoURL: string, labels?: object): object {
  return {
    metadata: { name, ...(labels && { labels }) },
    spec: {
      project: 'default',
      source: { repoURL, path: 'k8s', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: { automated: {}, retry: { limit: 1, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } } },
    },
  };
}

describe('argocd:repository:register', () => {
  it('waits for the first commit', async () => {
    const { register, kinds, secrets, name } = setUp();
    const { url, token, org } = sandbox.github;
    await fetch(`${url}/api/v3/orgs/${org}/repos`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ name }),
    });
    const rig = createStepRig({ kinds, secrets });
    const input = register.input.parse({ url: `${url}/${org}/${name}.git` });
    await expect(register.run(rig.context(), input)).rejects.toMatchObject({
      classification: 'retry',
      code: 'argocd_repository_unreachable',
    });
    await rig.undo();
  });
});

describe('argocd:application:wait', () => {
  it('ends once the application is synced and healthy at the commit, and says on the way what is missing', async () => {
    const { create, wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: true });
    const rig = createStepRig({ kinds, secrets });
    await rig.run(create, { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name });
    const first = await wait.run(rig.context(), wait.input.parse({ name, revision: commit }));
    expect(first).toMatchObject({ wait: { afterMs: 1_000, reason: expect.any(String) } });
    expect(await rig.run(wait, { name, revision: commit })).toMatchObject({ name, revision: commit });
    const { status } = (await api('GET', `/applications/${name}?project=default`)).body as { status?: object };
    expect(status).toMatchObject({ sync: { status: 'Synced', revision: commit }, health: { status: 'Healthy' } });
    await rig.undo();
  }, 60_000);

  it('does not take another commit for the one asked for', async () => {
    const { create, wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: true });
    const rig = createStepRig({ kinds, secrets });
    await rig.run(create, { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name });
    await rig.run(wait, { name, revision: commit });
    const other = wait.input.parse({ name, revision: 'f'.repeat(40), deadline: '1m' });
    expect(await wait.run(rig.context(), other)).toMatchObject({
      wait: { reason: `the last sync was of revision ${commit.slice(0, 7)}` },
    });
    const late = rig.context({ startedAt: new Date(Date.now() - 61_000) });
    await expect(wait.run(late, other)).rejects.toMatchObject({
      ...{ classification: 'fatal', code: 'argocd_not_healthy' },
      ...{ message: expect.stringContaining('after 1m'), remedy: expect.stringContaining(`/applications/argocd/${name}`) },
    });
    await rig.undo();
  }, 60_000);

  it('has a failed sync tried once more, then fails with what Argo CD says', async () => {
    const { wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: false });
    const rig = createStepRig({ kinds, secrets });
    await api('POST', '/applications', applicationOf(name, url, { 'slipway.dev/owner': rig.mark }));
    await expect(rig.run(wait, { name, revision: commit })).rejects.toMatchObject({
      ...{ classification: 'fatal', code: 'argocd_sync_failed' },
      message: expect.stringContaining('not found'),
    });
    expect(rig.lines.filter(({ message }) => message.includes('asking Argo CD for one more'))).toHaveLength(1);
    await api('DELETE', `/applications/${name}?project=default`);
  }, 60_000);

  it('fails where there is no such application', async () => {
    const { wait, kinds, secrets, name } = setUp();
    const running = createStepRig({ kinds, secrets }).run(wait, { name, revision: 'f'.repeat(40) });
    await expect(running).rejects.toMatchObject({ code: 'argocd_not_found' });
  });
});

describe('the session', () => {
  it('is one login for all who ask at once', async () => {
    const { provider } = setUp();
    const before = await loginsAskedFor();
    const asking = [1, 2, 3, 4, 5].map(async () => provider.health?.(AbortSignal.timeout(10_000)));
    expect((await Promise.all(asking)).map((answer) => answer?.ok)).toEqual([true, true, true, true, true]);
    expect((await loginsAskedFor()) - before).toBe(1);
  });

  it('is renewed once where the server has forgotten it', async () => {
    const { provider } = setUp();
    await provider.health?.(AbortSignal.timeout(10_000));
    const before = await loginsAskedFor();
    const match = { method: 'GET', path: '/api/v1/session/userinfo' };
    await sandbox.fault({ system: 'argocd', match, fault: 'status', status: 401, times: 1 });
    expect(await provider.health?.(AbortSignal.timeout(10_000))).toMatchObject({ ok: true });
    expect((await loginsAskedFor()) - before).toBe(1);
  });

  it('asks once with a password that is refused, so that nobody is locked out', async () => {
    const { create, kinds, secrets, name } = setUp('wrong-password');
    const rig = createStepRig({ kinds, secrets });
    const before = await loginsAskedFor();
    for (let time = 0; time < 3; time += 1) {
      const running = rig.run(create, {
        name,
        repoUrl: 'https://example.com/a.git',
        path: 'k8s',
        revision: 'main',
        namespace: name,
      });
      await expect(running).rejects.toMatchObject({
        code: 'argocd_unauthorized',
        remedy: expect.stringContaining('env:ARGOCD_PASSWORD'),
      });
    }
    expect((await loginsAskedFor()) - before).toBe(1);
  });
});
