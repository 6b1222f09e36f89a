import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedResource, Provider, StepDefinition } from '@slipway/engine';
import { createStepRig, exerciseStep, failureOf, sandboxForSuite, stepOf, type StepRig, type StepScene } from '@slipway/engine/testing';
import { kubernetesProvider } from './provider.js';

const sandbox = sandboxForSuite();
let provider: Provider;
let workspace: string;
let names = 0;

beforeAll(async () => {
  const registries = { 'ghcr.io': { username: 'slipway-bot', password: 'env:GHCR_TOKEN' } };
  provider = kubernetesProvider({ kubeconfig: sandbox.kubeconfig, registries }, { protect: () => undefined });
  workspace = await mkdtemp(join(tmpdir(), 'slipway-workspace-'));
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

const step = (id: string): StepDefinition => stepOf(provider, id);
const files = () => ({ workspace, template: '' });
const rig = (): StepRig => createStepRig({ kinds: provider.kinds, files: files(), secrets: { 'env:GHCR_TOKEN': 'first-token' } });

/** A namespace that nobody else uses, and that belongs to the mark. */
async function someNamespace(mark = 'r_somebody'): Promise<string> {
  names += 1;
  const name = `objects-${process.pid}-${names}`;
  await sandbox.callCluster('POST', '/api/v1/namespaces', { metadata: { name, labels: { 'slipway.dev/owner': mark } } });
  return name;
}

const configMapPath = (namespace: string, name = 'settings') => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
const configMap = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data });

async function countAt(path: string): Promise<number> {
  return (await sandbox.callCluster('GET', path)).status === 200 ? 1 : 0;
}

interface Live {
  metadata: { uid: string; generation: number; annotations?: Record<string, string>; labels: Record<string, string> };
  data?: Record<string, string>;
  spec: { template: { metadata: { annotations?: Record<string, string> } } };
}

async function live(path: string): Promise<Live> {
  return (await sandbox.callCluster('GET', path)).body as unknown as Live;
}

function workload(kind: 'Deployment' | 'StatefulSet', name: string, spec: object = {}): Record<string, unknown> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }] } };
  const service = kind === 'StatefulSet' ? { serviceName: name } : {};
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: labels }, template, ...service, ...spec },
  };
}

exerciseStep('kubernetes:apply', async (): Promise<StepScene> => {
  const namespace = await someNamespace();
  const path = configMapPath(namespace);
  return {
    ...{ step: step('kubernetes:apply'), kinds: provider.kinds, files: files() },
    input: { namespace, manifests: [configMap({ colour: 'blue' })] },
    makes: ['kubernetes:object'],
    count: () => countAt(path),
    foreign: {
      async make() {
        const metadata = { name: 'settings', labels: { 'slipway.dev/owner': 'r_somebody_else' } };
        await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata, data: { colour: 'red' } });
      },
      look: () => sandbox.callCluster('GET', path),
      code: 'kubernetes_object_taken',
    },
  };
});

exerciseStep('kubernetes:pull-secret', async (): Promise<StepScene> => {
  const namespace = await someNamespace();
  const path = `/api/v1/namespaces/${namespace}/secrets/ghcr`;
  return {
    ...{ step: step('kubernetes:pull-secret'), kinds: provider.kinds, secrets: { 'env:GHCR_TOKEN': 'a-token-of-ghcr' } },
    input: { namespace, name: 'ghcr', registry: 'ghcr.io' },
    makes: ['kubernetes:secret'],
    count: () => countAt(path),
    foreign: {
      make: async () => void (await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: 'ghcr' } })),
      look: () => sandbox.callCluster('GET', path),
      code: 'kubernetes_secret_taken',
    },
  };
});

exerciseStep(
  'kubernetes:delete',
  async (): Promise<StepScene> => {
    const namespace = await someNamespace();
    return {
      ...{ step: step('kubernetes:delete'), kinds: provider.kinds, files: files() },
      input: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' },
      before: async (one) => {
        await one.run(step('kubernetes:apply'), { namespace, manifests: [configMap({ colour: 'blue' })] });
        one.ledger.rows.length = 0;
      },
      count: () => countAt(configMapPath(namespace)),
    };
  },
  { makesNothing: 'it only takes away' },
);

exerciseStep(
  'kubernetes:rollout:restart',
  async (): Promise<StepScene> => {
    const mark = `r_restart_${(names += 1)}`;
    const namespace = await someNamespace(mark);
    await sandbox.callCluster('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, workload('Deployment', 'web'));
    const input = { namespace, name: 'web' };
    return { step: step('kubernetes:rollout:restart'), kinds: provider.kinds, mark, input, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'it changes what others deployed' },
);

exerciseStep(
  'kubernetes:external-secret:refresh',
  async (): Promise<StepScene> => {
    const mark = `r_refresh_${(names += 1)}`;
    const namespace = await someNamespace(mark);
    await externalSecret(namespace);
    const input = { namespace, name: 'credential' };
    return { step: step('kubernetes:external-secret:refresh'), kinds: provider.kinds, mark, input, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'it changes what others deployed' },
);

/** Of a static secret in Akeyless, which it answers the path of. */
async function externalSecret(namespace: string): Promise<string> {
  const path = `/apps/${namespace}`;
  await akeyless('/create-secret', { name: path, value: JSON.stringify({ user: 'ada' }) });
  const spec = {
    refreshInterval: '1h',
    secretStoreRef: { kind: 'ClusterSecretStore', name: 'akeyless' },
    target: { name: 'credential' },
    dataFrom: [{ extract: { key: path } }],
  };
  const place = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`;
  const created = await sandbox.callCluster('POST', place, {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'credential' },
    spec,
  });
  expect(created.status).toBe(201);
  await createStepRig({ kinds: [] }).run(step('kubernetes:wait'), { apiVersion: 'v1', kind: 'Secret', namespace, name: 'credential', for: 'exists' });
  return path;
}

async function akeyless(path: string, body: object): Promise<void> {
  const { url, accessId, accessKey } = sandbox.akeyless;
  const headers = { 'content-type': 'application/json' };
  const post = (to: string, json: object) => fetch(`${url}${to}`, { method: 'POST', headers, body: JSON.stringify(json) });
  const login = await post('/auth', { 'access-id': accessId, 'access-key': accessKey, 'access-type': 'access_key' });
  const { token } = (await login.json()) as { token: string };
  expect((await post(path, { ...body, token })).status).toBe(200);
}

describe('kubernetes:apply', () => {
  const apply = () => step('kubernetes:apply');

  it('takes away what the manifest no longer holds, and leaves what others added', async () => {
    const namespace = await someNamespace();
    const one = rig();
    await one.run(apply(), { namespace, manifests: [configMap({ colour: 'blue', size: 'small' })] });
    const { metadata } = await live(configMapPath(namespace));
    const body = { metadata: { name: 'settings', uid: metadata.uid, labels: metadata.labels }, data: { colour: 'blue', size: 'small', shape: 'round' } };
    await sandbox.callCluster('PUT', `${configMapPath(namespace)}?fieldManager=kubectl`, body);
    await one.run(apply(), { namespace, manifests: [configMap({ colour: 'green' })] });
    const after = await live(configMapPath(namespace));
    expect(after).toMatchObject({ metadata: { uid: metadata.uid }, data: { colour: 'green', shape: 'round' } });
    expect(after.data).not.toHaveProperty('size');
  });

  it('shows who owns a field that somebody else has set, and leaves it to them', async () => {
    const namespace = await someNamespace();
    const one = rig();
    await one.run(apply(), { namespace, manifests: [configMap({ colour: 'blue' })] });
    const { metadata } = await live(configMapPath(namespace));
    const theirs = { metadata: { name: 'settings', labels: metadata.labels }, data: { colour: 'red' } };
    await sandbox.callCluster('PUT', `${configMapPath(namespace)}?fieldManager=kubectl`, theirs);
    const error = await failureOf(one.run(apply(), { namespace, manifests: [configMap({ colour: 'blue' })] }));
    expect(error).toMatchObject({ code: 'kubernetes_conflict', classification: 'fatal', message: expect.stringContaining('kubectl') });
    expect((await live(configMapPath(namespace))).data).toEqual({ colour: 'red' });
  });

  it('changes nothing where one of the objects belongs to somebody else', async () => {
    const namespace = await someNamespace();
    await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'theirs' } });
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } };
    const one = rig();
    const error = await failureOf(one.run(apply(), { namespace, manifests: [configMap({ colour: 'blue' }), theirs] }));
    expect(error).toMatchObject({ code: 'kubernetes_object_taken', message: expect.stringContaining(`ConfigMap ${namespace}/theirs`) });
    expect(await countAt(configMapPath(namespace))).toBe(0);
    expect(one.ledger.rows).toEqual([]);
  });

  it('takes over nothing that somebody makes since we looked', async () => {
    const namespace = await someNamespace();
    const one = rig();
    const resources = {
      plan: async (resource: PlannedResource) => {
        await one.ledger.plan(resource);
        await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'settings' }, data: { size: 'small' } });
      },
      created: () => Promise.reject(new Error('It is not ours.')),
      standing: () => one.ledger.standing(),
      remove: () => Promise.reject(new Error('Nothing is.')),
    };
    const input = apply().input.parse({ namespace, manifests: [configMap({ colour: 'blue' })] });
    expect(await failureOf(apply().run(one.context({ resources }), input))).toMatchObject({ code: 'kubernetes_object_taken' });
    await one.undo();
    expect((await live(configMapPath(namespace))).data).toEqual({ size: 'small' });
  });

  it('takes a mistyped field for the fault it is', async () => {
    const namespace = await someNamespace();
    const error = await failureOf(rig().run(apply(), { namespace, manifests: [workload('Deployment', 'web', { replicsa: 2 })] }));
    expect(error).toMatchObject({ classification: 'fatal', message: expect.stringContaining('replicsa') });
  });

  it('reads what lies in the workspace, in the order of the paths, and no link that leads out', async () => {
    const namespace = await someNamespace();
    await mkdir(join(workspace, 'deploy', 'more'), { recursive: true });
    await writeFile(join(workspace, 'deploy', 'b.yaml'), `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n---\n${JSON.stringify(workload('StatefulSet', 'db'))}\n`);
    await writeFile(join(workspace, 'deploy', 'more', 'a.json'), JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } }));
    await symlink('/etc', join(workspace, 'out'));
    const one = rig();
    const output = await one.run(apply(), { namespace, path: 'deploy' });
    expect(output).toMatchObject({ objects: [{ kind: 'ConfigMap' }, { kind: 'StatefulSet', namespace }, { kind: 'ServiceAccount' }] });
    expect(one.ledger.rows.map(({ externalId }) => externalId)).toEqual([
      `v1 ConfigMap ${namespace}/settings`,
      `apps/v1 StatefulSet ${namespace}/db`,
      `v1 ServiceAccount ${namespace}/web`,
    ]);
    expect(await failureOf(one.run(apply(), { namespace, path: 'out' }))).toMatchObject({ code: 'kubernetes_manifest_unreadable' });
    await one.undo();
    expect(await countAt(`/apis/apps/v1/namespaces/${namespace}/statefulsets/db`)).toBe(0);
  });

  it.each([
    [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, 'kubernetes_kind_elsewhere'],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }, 'kubernetes_kind_elsewhere'],
    [{ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } }, 'kubernetes_unknown_kind'],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, 'kubernetes_manifest_unreadable'],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, 'kubernetes_manifest_unreadable'],
  ])('refuses %j', async (manifest, code) => {
    expect(await failureOf(rig().run(apply(), { manifests: [manifest] }))).toMatchObject({ classification: 'fatal', code });
  });
});

describe('kubernetes:delete', () => {
  it('leaves what is not ours, and keeps the row of what is', async () => {
    const namespace = await someNamespace();
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' };
    const one = rig();
    await one.run(step('kubernetes:apply'), { namespace, manifests: [configMap({})] });
    const error = await failureOf(rig().run(step('kubernetes:delete'), settings));
    expect(error).toMatchObject({ classification: 'fatal', code: 'kubernetes_foreign' });
    expect(await countAt(configMapPath(namespace))).toBe(1);
    await one.run(step('kubernetes:delete'), settings);
    expect(await countAt(configMapPath(namespace))).toBe(0);
    expect(one.ledger.rows).toMatchObject([{ state: 'REMOVED' }]);
  });

  it('waits for what takes its time to go, then names it', async () => {
    const namespace = await someNamespace();
    const one = rig();
    const held = { ...configMap({}), metadata: { name: 'settings', finalizers: ['test.example/hold'] } };
    await one.run(step('kubernetes:apply'), { namespace, manifests: [held] });
    const remove = step('kubernetes:delete');
    const input = remove.input.parse({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings', deadline: '30s' });
    expect(await remove.run(one.context(), input)).toMatchObject({ wait: { reason: expect.stringContaining('is being deleted') } });
    const late = one.context({ startedAt: new Date(Date.now() - 31_000) });
    expect(await failureOf(remove.run(late, input))).toMatchObject({ classification: 'fatal', code: 'kubernetes_not_deleted' });
    const { metadata } = await live(configMapPath(namespace));
    await sandbox.callCluster('PUT', configMapPath(namespace), { metadata: { name: 'settings', labels: metadata.labels } });
    expect(await remove.run(one.context(), input)).toEqual({ output: {} });
  });
});

describe('kubernetes:rollout:restart', () => {
  const restart = () => step('kubernetes:rollout:restart');

  it('replaces every pod once, and the wait ends with the last new one', async () => {
    const one = rig();
    const namespace = await someNamespace(one.mark);
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await sandbox.callCluster('POST', path, workload('Deployment', 'web'));
    const waiting = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
    await one.run(step('kubernetes:wait'), waiting);
    const pods = async () => {
      const { body } = await sandbox.callCluster('GET', `/api/v1/namespaces/${namespace}/pods`);
      return (body['items'] as { metadata: { uid: string } }[]).map(({ metadata }) => metadata.uid);
    };
    const before = await pods();
    const output = (await one.run(restart(), { namespace, name: 'web' })) as { restartedAt: string };
    const { generation } = (await live(`${path}/web`)).metadata;
    expect(await one.run(restart(), { namespace, name: 'web' })).toEqual(output);
    const after = await live(`${path}/web`);
    expect(after.metadata.generation).toBe(generation);
    expect(after.spec.template.metadata.annotations).toEqual({ 'kubectl.kubernetes.io/restartedAt': output.restartedAt });
    await one.run(step('kubernetes:wait'), waiting);
    expect(await pods()).not.toEqual(before);
  });

  it('is not over while a former pod still ends its requests', async () => {
    const one = rig();
    const namespace = await someNamespace(one.mark);
    await sandbox.callCluster('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, workload('Deployment', 'web'));
    const waiting = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
    await one.run(step('kubernetes:wait'), waiting);
    const { body } = await sandbox.callCluster('GET', `/api/v1/namespaces/${namespace}/pods`);
    const [former] = body['items'] as { metadata: { name: string } }[];
    const name = former?.metadata.name ?? '';
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    // Pods of the sandbox end at once.
    const held = { ...former, metadata: { ...former?.metadata, finalizers: ['test.example/hold'] } };
    expect((await sandbox.callCluster('PUT', path, held)).status).toBe(200);
    await one.run(restart(), { namespace, name: 'web' });
    await one.run(step('kubernetes:wait'), waiting);

    const wait = step('kubernetes:wait');
    const replaced = wait.input.parse({ ...waiting, for: 'replaced' });
    expect(await wait.run(one.context(), replaced)).toMatchObject({
      wait: { reason: `Deployment web is ready, but has pods that have not ended yet: ${name}` },
    });
    const ended = await live(path);
    await sandbox.callCluster('PUT', path, { ...ended, metadata: { ...ended.metadata, finalizers: [] } });
    expect(await wait.run(one.context(), replaced)).toEqual({ output: {} });
    expect(wait.input.safeParse({ ...waiting, kind: 'Job', for: 'replaced' }).success).toBe(false);
  });

  it('stays with what kubernetes:apply made of the same object', async () => {
    const one = rig();
    const namespace = await someNamespace();
    const manifests = [workload('Deployment', 'web')];
    await one.run(step('kubernetes:apply'), { namespace, manifests });
    await one.run(restart(), { namespace, name: 'web' });
    await one.run(step('kubernetes:apply'), { namespace, manifests });
    const { spec } = await live(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
    expect(spec.template.metadata.annotations).toHaveProperty(['kubectl.kubernetes.io/restartedAt']);
  });

  it('refuses what is paused, and what is not ours', async () => {
    const one = rig();
    const namespace = await someNamespace(one.mark);
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await sandbox.callCluster('POST', path, workload('Deployment', 'web', { paused: true }));
    expect(await failureOf(one.run(restart(), { namespace, name: 'web' }))).toMatchObject({ code: 'kubernetes_rollout_paused' });
    expect(await failureOf(rig().run(restart(), { namespace, name: 'web' }))).toMatchObject({ code: 'kubernetes_foreign' });
    expect(await failureOf(one.run(restart(), { namespace, name: 'nope' }))).toMatchObject({ code: 'kubernetes_not_found' });
  });
});

describe('kubernetes:external-secret:refresh', () => {
  it('ends once the new value is in the cluster', async () => {
    const one = rig();
    const namespace = await someNamespace(one.mark);
    const path = await externalSecret(namespace);
    await akeyless('/update-secret-val', { name: path, value: JSON.stringify({ user: 'grace' }) });
    await one.run(step('kubernetes:external-secret:refresh'), { namespace, name: 'credential' });
    const { data } = await live(`/api/v1/namespaces/${namespace}/secrets/credential`);
    expect(Buffer.from(data?.['user'] ?? '', 'base64').toString()).toBe('grace');
  });

  it('says why it could not be read', async () => {
    const one = rig();
    const namespace = await someNamespace(one.mark);
    const path = await externalSecret(namespace);
    await akeyless('/delete-item', { name: path });
    const refresh = step('kubernetes:external-secret:refresh');
    const input = refresh.input.parse({ namespace, name: 'credential', deadline: '30s' });
    await one.run(step('kubernetes:external-secret:refresh'), { namespace, name: 'credential', deadline: '3s' }).catch(() => 'It cannot.');
    const error = await failureOf(refresh.run(one.context({ startedAt: new Date(Date.now() - 31_000) }), input));
    expect(error).toMatchObject({ classification: 'fatal', code: 'kubernetes_not_refreshed', message: expect.stringContaining('could not get secret data') });
  });
});

describe('kubernetes:pull-secret', () => {
  const pull = () => step('kubernetes:pull-secret');

  it('is what a kubelet reads, and follows its source', async () => {
    const namespace = await someNamespace();
    const mark = `r_pull_${names}`;
    const input = { namespace, name: 'ghcr', registry: 'ghcr.io' };
    for (const token of ['first-token', 'second-token']) {
      const one = createStepRig({ kinds: provider.kinds, mark, secrets: { 'env:GHCR_TOKEN': token } });
      await one.run(pull(), input);
      const { body } = await sandbox.callCluster('GET', `/api/v1/namespaces/${namespace}/secrets/ghcr`);
      expect(body['type']).toBe('kubernetes.io/dockerconfigjson');
      const config = Buffer.from((body['data'] as Record<string, string>)['.dockerconfigjson'] ?? '', 'base64').toString();
      const auth = Buffer.from(`slipway-bot:${token}`).toString('base64');
      expect(JSON.parse(config)).toEqual({ auths: { 'ghcr.io': { username: 'slipway-bot', password: token, auth } } });
      expect(one.values).toContain(auth);
    }
  });

  it('needs to be told of the registry', async () => {
    const namespace = await someNamespace();
    const error = await failureOf(rig().run(pull(), { namespace, name: 'quay', registry: 'quay.io' }));
    expect(error).toMatchObject({ code: 'kubernetes_registry_unknown', remedy: expect.stringContaining('quay.io') });
    await rig().run(pull(), { namespace, name: 'quay', registry: 'quay.io', username: 'x', password: 'env:GHCR_TOKEN' });
    expect(pull().input.safeParse({ namespace, name: 'quay', registry: 'quay.io', username: 'x' }).success).toBe(false);
  });
});

describe('kubernetes:secret', () => {
  it('is not generated again where somebody deleted it', async () => {
    const namespace = await someNamespace();
    const one = rig();
    const input = { namespace, name: 'mysql', generate: { password: {} } };
    await one.run(step('kubernetes:secret'), input);
    await sandbox.callCluster('DELETE', `/api/v1/namespaces/${namespace}/secrets/mysql`);
    expect(await failureOf(one.run(step('kubernetes:secret'), input))).toMatchObject({ classification: 'fatal', code: 'kubernetes_secret_lost' });
    expect(await countAt(`/api/v1/namespaces/${namespace}/secrets/mysql`)).toBe(0);
  });
});
