import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadAllYaml } from '@kubernetes/client-node';
import type { Provider } from '@slipway/engine';
import { createStepRig, failureOf, sandboxForSuite, stepOf } from '@slipway/engine/testing';
import { kubernetesProvider } from './provider.js';

const sandbox = sandboxForSuite();
const documented = resolve(import.meta.dirname, '../../../../docs/manifests/kubernetes-rights.yaml');
let folder: string;
let provider: Provider;

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
}

const places: Record<string, string> = {
  ServiceAccount: '/api/v1/namespaces/slipway/serviceaccounts',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** As a platform team would: the documented manifests applied, and a token of their service account. */
beforeAll(async () => {
  await sandbox.callCluster('POST', '/api/v1/namespaces', { metadata: { name: 'slipway' } });
  for (const manifest of loadAllYaml(await readFile(documented, 'utf8')) as Manifest[]) {
    expect((await sandbox.callCluster('POST', places[manifest.kind] ?? '', manifest)).status).toBe(201);
  }
  const { body } = await sandbox.callCluster('POST', `${places['ServiceAccount']}/slipway/token`, { spec: { expirationSeconds: 3_600 } });
  folder = await mkdtemp(join(tmpdir(), 'slipway-rights-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigWith((body['status'] as { token: string }).token));
  provider = kubernetesProvider({ kubeconfig }, { protect: () => undefined });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function kubeconfigWith(token: string): string {
  const { url, ca } = sandbox.kubernetes;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

const health = () => provider.health?.(AbortSignal.timeout(10_000));

describe('the documented rights', () => {
  it('are enough for every step', async () => {
    const namespace = `rights-${process.pid}`;
    const rig = createStepRig({ kinds: provider.kinds, secrets: { 'env:TOKEN': 'a-token' } });
    const run = (id: string, input: object) => rig.run(stepOf(provider, id), input);
    await run('kubernetes:namespace', { name: namespace });
    await run('kubernetes:secret', { namespace, name: 'mysql', data: { user: 'a' }, generate: { password: {} } });
    const login = { registry: 'ghcr.io', username: 'bot', password: 'env:TOKEN' };
    await run('kubernetes:pull-secret', { namespace, name: 'pull', ...login });
    for (const colour of ['blue', 'red']) {
      const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { colour } };
      await run('kubernetes:apply', { namespace, manifests: [manifest] });
    }
    await sandbox.callCluster('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment('web'));
    await run('kubernetes:rollout:restart', { namespace, name: 'web' });
    await run('kubernetes:wait', { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web', for: 'replaced' });
    await run('kubernetes:delete', { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' });
    expect(await provider.secrets?.resolve(`${namespace}/mysql`, 'user')).toBe('a');
    expect(await health()).toMatchObject({ ok: true, detail: expect.not.stringContaining('everything') });
    await rig.undo();
    expect((await sandbox.callCluster('GET', `/api/v1/namespaces/${namespace}`)).status).toBe(404);
  }, 40_000);

  it('are missed by name, in health and by the step that needs them', async () => {
    const path = `${places['ClusterRoleBinding']}/slipway`;
    const { body } = await sandbox.callCluster('GET', path);
    await sandbox.callCluster('DELETE', path);
    try {
      expect(await health()).toMatchObject({ ok: false, detail: expect.stringContaining('namespaces: get, create, delete; secrets: get, create, patch, delete') });
      const rig = createStepRig({ kinds: provider.kinds });
      const error = await failureOf(rig.run(stepOf(provider, 'kubernetes:namespace'), { name: 'not-allowed' }));
      expect(error).toMatchObject({ classification: 'fatal', code: 'kubernetes_forbidden', remedy: expect.stringContaining('role') });
    } finally {
      const { roleRef, subjects } = body;
      await sandbox.callCluster('POST', places['ClusterRoleBinding'] ?? '', { metadata: { name: 'slipway' }, roleRef, subjects });
    }
  });

  it('are less than an administrator has, who is told so', async () => {
    const administrator = kubernetesProvider({ kubeconfig: sandbox.kubeconfig }, { protect: () => undefined });
    expect(await administrator.health?.(AbortSignal.timeout(10_000))).toMatchObject({ ok: true, detail: expect.stringContaining('everything') });
  });
});

describe('the kubeconfig', () => {
  it('is read anew where its token is no longer accepted, and redacted anew', async () => {
    const kubeconfig = join(folder, 'rotating');
    const values: string[] = [];
    await writeFile(kubeconfig, kubeconfigWith('an-outdated-token'));
    const rotating = kubernetesProvider({ kubeconfig }, { protect: (value) => values.push(value) });
    expect(await rotating.health?.(AbortSignal.timeout(10_000))).toMatchObject({ ok: false, detail: expect.stringContaining('no restart') });
    await writeFile(kubeconfig, kubeconfigWith(sandbox.kubernetes.token));
    const looks = [1, 2, 3].map(async () => rotating.health?.(AbortSignal.timeout(10_000)));
    expect((await Promise.all(looks)).map((answer) => answer?.ok)).toEqual([true, true, true]);
    expect(values).toEqual(['an-outdated-token', sandbox.kubernetes.token]);
  });

  it('says which context is to be used', async () => {
    const kubeconfig = join(folder, 'contexts');
    await writeFile(kubeconfig, kubeconfigWith(sandbox.kubernetes.token).replace('"current-context":"x"', '"current-context":"y"'));
    const health = kubernetesProvider({ kubeconfig, context: 'x' }, { protect: () => undefined }).health?.(AbortSignal.timeout(10_000));
    expect(await health).toMatchObject({ ok: true });
    expect(() => kubernetesProvider({ kubeconfig }, { protect: () => undefined })).toThrow('configure kubernetes.context');
  });
});

describe('what does not go', () => {
  it('is said with the finalizer that holds it', async () => {
    const name = `held-${process.pid}`;
    const rig = createStepRig({ kinds: provider.kinds });
    await rig.run(stepOf(provider, 'kubernetes:namespace'), { name });
    const held = { metadata: { name: 'held', finalizers: ['test.example/hold'] } };
    await sandbox.callCluster('POST', `/api/v1/namespaces/${name}/configmaps`, held);
    const [row] = rig.ledger.rows;
    let removal = await rig.ledger.remove(row!);
    for (const until = Date.now() + 10_000; Date.now() < until && !JSON.stringify(removal).includes('finalizers'); ) removal = await rig.ledger.remove(row!);
    expect(removal).toMatchObject({ outcome: 'pending', reason: expect.stringMatching(/^Namespace held-\d+ is being deleted: .*test\.example\/hold/) });
    await sandbox.callCluster('PUT', `/api/v1/namespaces/${name}/configmaps/held`, { metadata: { name: 'held' } });
    await rig.undo();
  });
});

function deployment(name: string): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }] } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas: 1, selector: { matchLabels: labels }, template } };
}
