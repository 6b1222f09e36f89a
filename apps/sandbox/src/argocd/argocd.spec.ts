import { Octokit } from 'octokit';
import { ArgoClient } from '../testing/argo-client.js';
import { GitClient } from '../testing/git-client.js';
import { SandboxProcess } from '../testing/sandbox-process.js';
import { until } from '../testing/until.js';

let sandbox: SandboxProcess;
let argo: ArgoClient;
let octokit: Octokit;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  const { github, argocd } = sandbox.connection;
  argo = await ArgoClient.login(argocd);
  octokit = new Octokit({ baseUrl: `${github.url}/api/v3`, auth: github.token, throttle: { enabled: false } });
}, 90_000);

afterAll(() => sandbox.remove());

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: "registry.example.com/web:1" }]
`;

function configMap(color: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: { name: colors, annotations: { argocd.argoproj.io/sync-wave: "1" } }
data: { color: ${color} }
`;
}

async function createRepository(name: string): Promise<string> {
  const { org } = sandbox.connection.github;
  return (await octokit.rest.repos.createInOrg({ org, name, private: true })).data.clone_url;
}

function applicationOf(name: string, repoURL: string, overrides: object = {}) {
  return {
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL, path: 'deploy', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: `${name}-ns` },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
      ...overrides,
    },
  };
}

async function setFinalizers(name: string, change: (finalizers: string[]) => string[]): Promise<void> {
  const path = `/applications/${name}?project=default`;
  const { metadata, spec } = (await argo.send('GET', path)).body as { metadata: { finalizers?: string[] }; spec: object };
  const changed = { metadata: { ...metadata, finalizers: change(metadata.finalizers ?? []) }, spec };
  expect((await argo.send('PUT', path, changed)).status).toBe(200);
}

describe('the door', () => {
  it('takes exactly application/json, and nothing with a charset', async () => {
    for (const type of ['application/json; charset=utf-8', 'text/plain']) {
      const refused = await argo.send('POST', '/repositories', {}, { 'content-type': type });
      expect(refused).toEqual({ status: 415, body: { text: 'Invalid content type\n' } });
    }
  });

  it('wants a session', async () => {
    const { url } = sandbox.connection.argocd;
    expect(await new ArgoClient(url, undefined).send('GET', '/applications')).toMatchObject({
      status: 401,
      body: { code: 16, message: 'no session information' },
    });
    expect((await argo.send('GET', '/session/userinfo')).body).toMatchObject({ loggedIn: true, username: 'admin' });
  });

  it('locks an account out after five wrong passwords, and lets it in again later', async () => {
    const { url, username, password } = sandbox.connection.argocd;
    const visitor = new ArgoClient(url, undefined);
    for (let attempt = 0; attempt < 5; attempt += 1) await visitor.send('POST', '/session', { username, password: 'wrong' });
    const locked = await visitor.send('POST', '/session', { username, password });
    expect(locked).toMatchObject({ status: 401, body: { code: 16, message: 'Invalid username or password' } });
    await sandbox.control('PUT', '/clock', { advance: 'PT6M' });
    expect((await visitor.send('POST', '/session', { username, password })).status).toBe(200);
  });

  it('tells an absent application from a forbidden one only where the project is named', async () => {
    expect(await argo.send('GET', '/applications/nobody')).toMatchObject({ status: 403, body: { code: 7 } });
    expect(await argo.send('GET', '/applications/nobody?project=default')).toMatchObject({ status: 404, body: { code: 5 } });
  });
});

describe('repositories', () => {
  it('cannot register one that is empty', async () => {
    const repo = await createRepository('never-pushed');
    const refused = await argo.send('POST', '/repositories', { repo, type: 'git' });
    const message = expect.stringContaining('error testing repository connectivity') as unknown;
    expect(refused).toMatchObject({ status: 500, body: { code: 2, message } });
  });

  it('registers one with the credential of the organisation', async () => {
    const repo = await createRepository('registered');
    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    await work.commit('first', { 'README.md': 'hello\n' });
    await work.git('push', '--quiet', repo, 'main');
    expect((await argo.send('POST', '/repositories', { repo, type: 'git' })).status).toBe(200);
    const path = `/repositories/${encodeURIComponent(repo)}`;
    expect(await argo.send('GET', path)).toMatchObject({
      status: 200,
      body: { repo, inheritedCreds: true, connectionState: { status: 'Successful' } },
    });
    expect((await argo.send('DELETE', path)).status).toBe(200);
    expect((await argo.send('GET', path)).status).toBe(403);
  });
});

describe('applications', () => {
  it('syncs one to healthy, follows a push, and deletes all that it applied', async () => {
    const repo = await createRepository('whole-way');
    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    const first = await work.commit('first', { 'deploy/web.yaml': DEPLOYMENT, 'deploy/colors.yaml': configMap('red') });
    await work.git('push', '--quiet', repo, 'main');
    await argo.send('POST', '/repositories', { repo, type: 'git' });

    const asked = applicationOf('whole-way', repo);
    expect((await argo.send('POST', '/applications', asked)).status).toBe(200);
    const healthy = await argo.settled('whole-way', first);
    expect(healthy.status).toMatchObject({
      operationState: { phase: 'Succeeded', syncResult: { revision: first } },
      summary: { images: ['registry.example.com/web:1'] },
    });
    const { reconciledAt, operationState } = healthy.status;
    expect(Date.parse(reconciledAt!)).toBeGreaterThanOrEqual(Date.parse(operationState!.finishedAt!));
    const tree = (await argo.send('GET', '/applications/whole-way/resource-tree')).body as { nodes: { kind: string }[] };
    expect(tree.nodes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Deployment', 'ConfigMap']));

    expect((await argo.send('POST', '/applications', asked)).status).toBe(200);
    const different = await argo.send('POST', '/applications', { ...asked, metadata: { name: 'whole-way', labels: { a: 'b' } } });
    const message = expect.stringContaining('existing application spec is different') as unknown;
    expect(different).toMatchObject({ status: 400, body: { code: 3, message } });

    const second = await work.commit('second', { 'deploy/colors.yaml': configMap('blue') });
    await work.git('push', '--quiet', repo, 'main');
    await argo.settled('whole-way', second);

    await setFinalizers('whole-way', (finalizers) => [...finalizers, 'example.com/audit']);
    expect(await argo.send('DELETE', '/applications/whole-way?cascade=true&project=default')).toEqual({ status: 200, body: {} });
    expect(await argo.send('POST', '/applications/whole-way/sync', {})).toMatchObject({
      status: 400,
      body: { code: 9, message: 'application is deleting' },
    });
    await setFinalizers('whole-way', (finalizers) => finalizers.filter((finalizer) => finalizer !== 'example.com/audit'));
    await until(
      () => argo.send('GET', '/applications/whole-way?project=default'),
      ({ status }) => status === 404,
    );
  }, 60_000);

  it('syncs on request, and to no other revision than the automated one', async () => {
    const repo = await createRepository('operations');
    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    const first = await work.commit('first', { 'deploy/colors.yaml': configMap('red') });
    await work.git('push', '--quiet', repo, 'main');
    await argo.send('POST', '/applications', applicationOf('operations', repo));
    await argo.settled('operations', first);
    const other = await argo.send('POST', '/applications/operations/sync', { revision: first });
    const message = `Cannot sync to ${first}: auto-sync currently set to main`;
    expect(other).toMatchObject({ status: 400, body: { code: 9, message } });
    expect((await argo.send('POST', '/applications/operations/sync', {})).status).toBe(200);
    await argo.settled('operations', first);
  }, 60_000);

  it('refuses a path that is not there, and shows one that vanished as a ComparisonError', async () => {
    const repo = await createRepository('paths');
    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    await work.commit('first', { 'deploy/colors.yaml': configMap('red') });
    await work.git('push', '--quiet', repo, 'main');
    const wrong = applicationOf('paths', repo, { source: { repoURL: repo, path: 'nowhere', targetRevision: 'main' } });
    expect(await argo.send('POST', '/applications', wrong)).toMatchObject({
      status: 400,
      body: {
        code: 3,
        message: expect.stringMatching(/^application spec for paths is invalid: InvalidSpecError: .*app path does not exist$/),
      },
    });
    await argo.send('POST', '/applications?validate=false', wrong);
    const failing = await argo.applicationUntil('paths', ({ status }) => status.conditions !== undefined);
    expect(failing.status).toMatchObject({ sync: { status: 'Unknown' }, conditions: [{ type: 'ComparisonError' }] });
  });

  it('streams changes, beginning with the application named', async () => {
    const repo = await createRepository('watched');
    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    await work.commit('first', { 'deploy/colors.yaml': configMap('red') });
    await work.git('push', '--quiet', repo, 'main');
    await argo.send('POST', '/applications', applicationOf('watched', repo));
    const frames: { type: string }[] = [];
    const leaving = new AbortController();
    const response = await fetch(`${argo.url}/api/v1/stream/applications?name=watched`, {
      headers: { authorization: `Bearer ${argo.token}` },
      signal: leaving.signal,
    });
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) frames.push((JSON.parse(line) as { result: { type: string } }).result);
      if (frames.length >= 3) break;
    }
    leaving.abort();
    expect(frames.slice(0, 2).map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED']);
  });
});
