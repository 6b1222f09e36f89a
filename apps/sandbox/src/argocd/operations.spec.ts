import { Octokit } from 'octokit';
import { ArgoClient } from '../testing/argo-client.js';
import { GitClient } from '../testing/git-client.js';
import { SandboxProcess } from '../testing/sandbox-process.js';
import { until } from '../testing/until.js';

let sandbox: SandboxProcess;
let argo: ArgoClient;
let repo: string;
let work: GitClient;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  const { github, argocd } = sandbox.connection;
  argo = await ArgoClient.login(argocd);
  const octokit = new Octokit({ baseUrl: `${github.url}/api/v3`, auth: github.token, throttle: { enabled: false } });
  repo = (await octokit.rest.repos.createInOrg({ org: github.org, name: 'shop', private: true })).data.clone_url;
  work = await GitClient.init(sandbox.home, github.token);
  await work.commit('first', { 'deploy/one.json': configMap('one', 'red'), 'deploy/two.json': configMap('two', 'red') });
  await work.git('push', '--quiet', repo, 'main');
}, 90_000);
afterAll(() => sandbox.remove());
afterEach(() => sandbox.control('DELETE', '/faults'));

function configMap(name: string, color: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { color } });
}

/** By hand: nothing happens until it is asked for. */
function applicationOf(name: string, overrides: object = {}) {
  return {
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL: repo, path: 'deploy', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: { syncOptions: ['CreateNamespace=true'] },
      ...overrides,
    },
  };
}

const get = (name: string) => argo.send('GET', `/applications/${name}?project=default`);
const finished = (name: string) =>
  argo.applicationUntil(name, ({ operation, status }) => !operation && status.operationState?.finishedAt !== undefined);

async function managed(name: string): Promise<{ name: string; liveState: string; targetState: string }[]> {
  const { body } = await argo.send('GET', `/applications/${name}/managed-resources?project=default`);
  return body['items'] as { name: string; liveState: string; targetState: string }[];
}

const live = async (name: string) => (await managed(name)).filter(({ liveState }) => liveState !== 'null').map((item) => item.name);

describe('sync', () => {
  it('tries without doing, does a part, and prunes when told to', async () => {
    await argo.send('POST', '/applications', applicationOf('parts'));
    await argo.send('POST', '/applications/parts/sync', { dryRun: true });
    expect((await finished('parts')).status.operationState).toMatchObject({ phase: 'Succeeded' });
    expect(await live('parts')).toEqual([]);

    await argo.send('POST', '/applications/parts/sync', { resources: [{ kind: 'ConfigMap', name: 'one' }] });
    await finished('parts');
    expect(await live('parts')).toEqual(['one']);

    const asked = await argo.send('POST', '/applications/parts/sync', {});
    expect(asked.body).toMatchObject({ operation: { sync: { revision: expect.stringMatching(/^[0-9a-f]{40}$/) as string } } });
    const all = await finished('parts');
    expect(all.status.operationState).toMatchObject({ operation: { initiatedBy: { username: 'admin' } } });
    await work.git('rm', '--quiet', 'deploy/two.json');
    await work.commit('without two', { 'deploy/three.json': configMap('three', 'red') });
    await work.git('push', '--quiet', repo, 'main');
    await argo.send('POST', '/applications/parts/sync', {});
    const kept = await finished('parts');
    expect(kept.status.operationState?.syncResult?.resources).toContainEqual(
      expect.objectContaining({ name: 'two', status: 'PruneSkipped' }),
    );
    await argo.send('POST', '/applications/parts/sync', { prune: true });
    await finished('parts');
    expect((await live('parts')).sort()).toEqual(['one', 'three']);
  }, 60_000);

  it('refuses a revision that nobody knows', async () => {
    await argo.send('POST', '/applications', applicationOf('revisions'));
    expect(await argo.send('POST', '/applications/revisions/sync', { revision: 'nowhere' })).toMatchObject({
      status: 400,
      body: { code: 9, message: "unable to resolve 'nowhere' to a commit SHA" },
    });
  });

  it('that is tried again ends when it is told to', async () => {
    await work.commit('broken', { 'broken/x.json': JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } }) });
    await work.git('push', '--quiet', repo, 'main');
    const source = { repoURL: repo, path: 'broken', targetRevision: 'main' };
    await argo.send('POST', '/applications', applicationOf('retried', { source }));
    const retryStrategy = { limit: 5, backoff: { duration: '1h' } };
    await argo.send('POST', '/applications/retried/sync', { retryStrategy });
    const waiting = await argo.applicationUntil('retried', ({ status }) => status.operationState?.retryCount === 1);
    expect(waiting.status.operationState?.message).toMatch(/Retrying attempt #1 at/);
    expect(await argo.send('POST', '/applications/retried/sync', {})).toMatchObject({
      status: 400,
      body: { code: 9, message: 'another operation is already in progress' },
    });
    expect((await argo.send('DELETE', '/applications/retried/operation')).status).toBe(200);
    expect((await finished('retried')).status.operationState).toMatchObject({ phase: 'Failed', retryCount: 1 });
    expect(await argo.send('DELETE', '/applications/retried/operation')).toMatchObject({ status: 400, body: { code: 3 } });
  }, 60_000);
});

describe('what an application manages', () => {
  it('is shown with both states, the values of secrets hidden', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hidden' }, stringData: { key: 'c2VjcmV0' } };
    await work.commit('secret', { 'secret/x.json': JSON.stringify(secret) });
    await work.git('push', '--quiet', repo, 'main');
    const source = { repoURL: repo, path: 'secret', targetRevision: 'main' };
    await argo.send('POST', '/applications', applicationOf('secrets', { source }));
    await argo.send('POST', '/applications/secrets/sync', {});
    await finished('secrets');
    const [item] = await managed('secrets');
    expect(item).toMatchObject({ name: 'hidden', kind: 'Secret', namespace: 'secrets' });
    expect(JSON.parse(item!.targetState)).toMatchObject({ stringData: { key: '++++++++' } });
    expect(JSON.parse(item!.liveState)).toMatchObject({ data: { key: '++++++++' } });
    const one = await argo.send('GET', '/applications/secrets/resource?kind=Secret&namespace=secrets&resourceName=hidden&version=v1');
    expect(JSON.parse((one.body as { manifest: string }).manifest)).toMatchObject({ data: { key: '++++++++' } });
    expect(await argo.send('GET', '/applications/secrets/resource?kind=Pod&namespace=secrets&resourceName=other')).toMatchObject({
      status: 400,
      body: { code: 3, message: 'Pod  other not found as part of application secrets' },
    });
    const { body } = await argo.send('GET', '/applications/secrets/managed-resources?kind=Pod');
    expect(body).toEqual({ items: null });
  });

  it('has events, and so has the application', async () => {
    await argo.send('POST', '/applications', applicationOf('eventful'));
    await argo.send('POST', '/applications/eventful/sync', {});
    await finished('eventful');
    const reasons = async () => {
      const { body } = await argo.send('GET', '/applications/eventful/events');
      return ((body['items'] ?? []) as { reason: string }[]).map(({ reason }) => reason);
    };
    await until(reasons, (seen) => seen.includes('OperationStarted') && seen.includes('OperationCompleted'));
    const ofResource = '/applications/eventful/events?resourceName=one&resourceNamespace=eventful';
    expect((await argo.send('GET', ofResource)).body).toEqual({ metadata: {}, items: null });
  });
});

describe('changing an application', () => {
  it.each([
    ['json', JSON.stringify([{ op: 'replace', path: '/spec/source/targetRevision', value: 'HEAD' }])],
    ['merge', JSON.stringify({ spec: { source: { targetRevision: 'HEAD' } } })],
  ])('by a patch of type %s', async (patchType, patch) => {
    await argo.send('POST', '/applications', applicationOf(`patched-${patchType}`));
    const { body } = await argo.send('PATCH', `/applications/patched-${patchType}`, { patch, patchType });
    expect(body).toMatchObject({ spec: { source: { targetRevision: 'HEAD', path: 'deploy' } } });
    expect(await argo.send('PATCH', `/applications/patched-${patchType}`, { patch: '{}', patchType: 'yaml' })).toMatchObject({
      status: 400,
      body: { code: 3, message: "Patch type 'yaml' is not supported" },
    });
  });

  it('drops what Argo CD has no field for, and says so in a header; another type it refuses', async () => {
    const asked = { ...applicationOf('typed'), surplus: 1 };
    const response = await fetch(`${argo.url}/api/v1/applications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${argo.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...asked, spec: { ...asked.spec, destnation: {} } }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sandbox-ignored-fields')).toBe('spec.destnation, surplus');
    expect(await argo.send('POST', '/applications/typed/sync', { prune: 'yes' })).toMatchObject({
      status: 400,
      body: { code: 3, message: 'json: cannot unmarshal string into Go struct field ApplicationSyncRequest.prune of type bool' },
    });
    expect(await argo.send('POST', '/applications?upsert=perhaps', asked)).toMatchObject({
      status: 400,
      body: { code: 3, message: 'strconv.ParseBool: parsing "perhaps": invalid syntax' },
    });
  });
});

describe('deletion', () => {
  const gone = (name: string) => until(() => get(name), ({ status }) => status === 404);

  it('leaves the objects where it does not cascade', async () => {
    await argo.send('POST', '/applications', applicationOf('left'));
    await argo.send('POST', '/applications/left/sync', {});
    await finished('left');
    expect(await argo.send('DELETE', '/applications/left?cascade=false&propagationPolicy=foreground')).toMatchObject({
      status: 400,
      body: { message: 'cannot set propagation policy when cascading is disabled' },
    });
    expect((await argo.send('DELETE', '/applications/left?cascade=false')).status).toBe(200);
    await gone('left');
    // The same application made anew finds its objects as it left them.
    await argo.send('POST', '/applications', applicationOf('left'));
    const found = await argo.applicationUntil('left', ({ status }) => status.sync.status === 'Synced');
    expect(found.status.health.status).toBe('Healthy');
  });

  it('waits for finalizers of others', async () => {
    const { metadata, spec } = applicationOf('held');
    const held = { metadata: { ...metadata, finalizers: ['example.com/hold'] }, spec };
    await argo.send('POST', '/applications', held);
    await argo.send('DELETE', '/applications/held?propagationPolicy=background');
    const waiting = await argo.applicationUntil('held', (application) => application.metadata.finalizers?.length === 1);
    expect(waiting.metadata).toMatchObject({ finalizers: ['example.com/hold'], deletionTimestamp: expect.any(String) as string });
    await argo.send('PUT', '/applications/held', { metadata, spec });
    await gone('held');
    expect(await argo.send('DELETE', '/applications/held?propagationPolicy=sideways')).toMatchObject({ status: 403 });
  });
});

describe('faults', () => {
  it('an application that never gets healthy syncs all the same, and gets healthy once it may', async () => {
    await sandbox.control('PUT', '/faults', [{ system: 'argocd', fault: 'never-healthy', match: { name: 'sick' } }]);
    await argo.send('POST', '/applications', applicationOf('sick', { syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] } }));
    const synced = await argo.applicationUntil('sick', ({ operation, status }) => !operation && status.sync.status === 'Synced');
    expect(synced.status.health.status).toBe('Progressing');
    await sandbox.control('DELETE', '/faults');
    const { body } = await argo.send('GET', '/applications/sick?refresh=normal');
    expect(body).toMatchObject({ status: { health: { status: 'Healthy' } } });
  });

  it('a watch that is dropped ends without a word', async () => {
    await argo.send('POST', '/applications', applicationOf('dropped'));
    await sandbox.control('PUT', '/faults', [{ system: 'argocd', fault: 'watch-dropped', delayMs: 50, times: 1, match: { name: 'dropped' } }]);
    const response = await fetch(`${argo.url}/api/v1/stream/applications?name=dropped`, {
      headers: { authorization: `Bearer ${argo.token}` },
    });
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('an unreachable server, an expired session and a lost answer are seen', async () => {
    const faults = (fault: object) => sandbox.control('PUT', '/faults', [{ system: 'argocd', times: 1, ...fault }]);
    await faults({ fault: 'expired-token' });
    expect(await get('sick')).toMatchObject({ status: 401, body: { code: 16 } });
    await faults({ fault: 'status', status: 503 });
    expect(await get('sick')).toMatchObject({ status: 503, body: { code: 14 } });
    await faults({ fault: 'applied-then-reset', match: { method: 'POST' } });
    await expect(argo.send('POST', '/applications', applicationOf('lost'))).rejects.toThrow('fetch failed');
    expect((await get('lost')).status).toBe(200);
  });
});
