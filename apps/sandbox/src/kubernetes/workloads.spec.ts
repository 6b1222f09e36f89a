import { AppsV1Api, CoreV1Api, PatchStrategy, setHeaderOptions, type V1Deployment, type V1Pod } from '@kubernetes/client-node';
import { until } from '../testing/until.js';
import { refused, RunningCluster } from './testing/running-cluster.js';

let cluster: RunningCluster;
let core: CoreV1Api;
let apps: AppsV1Api;

beforeAll(async () => {
  cluster = await RunningCluster.start();
  core = cluster.config.makeApiClient(CoreV1Api);
  apps = cluster.config.makeApiClient(AppsV1Api);
}, 90_000);

afterAll(() => cluster.close());

beforeEach(async () => {
  await cluster.reset();
  cluster.images.clear();
});

function deploy(image: string, replicas = 1, strategy: object = {}): Promise<V1Deployment> {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
  const spec = { replicas, selector: { matchLabels: labels }, template, ...strategy };
  return apps.createNamespacedDeployment({ namespace: 'default', body: { metadata: { name: 'web' }, spec } });
}

const read = () => apps.readNamespacedDeployment({ namespace: 'default', name: 'web' });
const pods = async () => (await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=web' })).items;
const waiting = (pod: V1Pod | undefined) => pod?.status?.containerStatuses?.[0]?.state?.waiting;
const ready = () => until(read, ({ status, metadata }) => status?.readyReplicas === status?.replicas && status?.observedGeneration === metadata?.generation && (status?.updatedReplicas ?? 0) > 0);

function setImage(image: string): Promise<V1Deployment> {
  return patch({ spec: { template: { spec: { containers: [{ name: 'web', image }] } } } });
}

function patch(body: object): Promise<V1Deployment> {
  return apps.patchNamespacedDeployment({ namespace: 'default', name: 'web', body }, setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch));
}

const IMAGE = 'ghcr.io/acme/shop:v1';
const PUBLISHED = { id: 1, name: 'acme/shop', tag: 'v1', repositoryId: 1, commit: 'abc', visibility: 'private' as const, publishedAt: '2026-01-01T00:00:00Z' };

describe('images', () => {
  it('that the registry lacks hold a pod back until they are published', async () => {
    await deploy(IMAGE);
    const missing = await until(async () => waiting((await pods())[0]), (state) => state?.reason === 'ErrImagePull');
    expect(missing?.message).toContain(`failed to resolve reference "${IMAGE}": ${IMAGE}: not found`);
    await until(async () => waiting((await pods())[0]), (state) => state?.reason === 'ImagePullBackOff');
    const [pod] = await pods();
    const log = core.readNamespacedPodLog({ namespace: 'default', name: pod?.metadata?.name ?? '' });
    expect((await refused(log)).message).toContain('is waiting to start: trying and failing to pull image');
    const { items } = await core.listNamespacedEvent({ namespace: 'default' });
    expect(items.map(({ message }) => message)).toContain(`Back-off pulling image "${IMAGE}"`);

    const { digest } = cluster.images.publish(PUBLISHED);
    cluster.clock.advance('PT10S');
    await ready();
    expect((await pods())[0]?.status?.containerStatuses?.[0]?.imageID).toBe(`ghcr.io/acme/shop@${digest}`);
  });

  it('of other registries are there', async () => {
    await deploy('nginx:1');
    await ready();
    expect(await core.readNamespacedPodLog({ namespace: 'default', name: (await pods())[0]?.metadata?.name ?? '' })).toContain('container web ready');
  });
});

describe('rollouts', () => {
  it('replace pods one by one, and can be taken back', async () => {
    await deploy('nginx:1', 4, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    await ready();
    let [fewest, most] = [Infinity, 0];
    const counting = setInterval(() => {
      void pods().then((all) => {
        most = Math.max(most, all.length);
        fewest = Math.min(fewest, all.filter((pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')).length);
      });
    }, 15);
    await setImage('nginx:2');
    // Until the controller has seen the change, the status is that of the rollout before.
    const done = await until(
      read,
      ({ metadata, status }) =>
        status?.observedGeneration === metadata?.generation &&
        status?.updatedReplicas === 4 && status.replicas === 4 && status.readyReplicas === 4,
    );
    clearInterval(counting);
    expect({ fewest: fewest >= 4, most: most <= 5 }).toEqual({ fewest: true, most: true });
    expect(done.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }));
    expect(done.metadata?.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    await setImage('nginx:1');
    const back = await until(read, ({ metadata }) => metadata?.annotations?.['deployment.kubernetes.io/revision'] === '3');
    expect(back.spec?.template.spec?.containers[0]?.image).toBe('nginx:1');
    expect((await apps.listNamespacedReplicaSet({ namespace: 'default' })).items).toHaveLength(2);
  });

  it('by Recreate never run old and new together', async () => {
    await deploy('nginx:1', 2, { strategy: { type: 'Recreate' } });
    await ready();
    let mixed = false;
    const looking = setInterval(() => void pods().then((all) => (mixed ||= new Set(all.map(({ spec }) => spec?.containers[0]?.image)).size > 1)), 15);
    await setImage('nginx:2');
    await until(pods, (all) => all.length === 2 && all.every(({ spec }) => spec?.containers[0]?.image === 'nginx:2'));
    clearInterval(looking);
    expect(mixed).toBe(false);
  });

  it('are scaled by their subresource', async () => {
    await deploy('nginx:1');
    await ready();
    const place = { namespace: 'default', name: 'web' };
    const scale = await apps.readNamespacedDeploymentScale(place);
    await apps.replaceNamespacedDeploymentScale({ ...place, body: { ...scale, spec: { replicas: 3 } } });
    await until(read, ({ status }) => status?.readyReplicas === 3);
    expect((await apps.readNamespacedDeploymentScale(place)).status).toEqual({ replicas: 3, selector: 'app=web' });
  });

  it('that take too long say so, by the clock', async () => {
    await deploy(IMAGE);
    await until(async () => waiting((await pods())[0]), (state) => state !== undefined && state.reason !== 'ContainerCreating');
    // The deadline counts from here on: until the deployment itself has seen its pod, the rollout moves.
    await until(read, ({ status }) => status?.conditions?.some(({ message }) => message?.startsWith('ReplicaSet "web-')) ?? false);
    cluster.clock.advance('PT10M');
    const late = await until(read, ({ status }) => status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') ?? false);
    expect(late.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }));
    // However often it is looked at, as long as nothing moves.
    await patch({ spec: { revisionHistoryLimit: 5 } });
    const later = await until(read, ({ status, metadata }) => status?.observedGeneration === metadata?.generation);
    expect(later.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }));
  });
});

describe('faults', () => {
  it('keep a workload from ever getting healthy, and let it get well afterwards', async () => {
    cluster.fault('never-healthy', 'default/web-*');
    await deploy('nginx:1');
    const started = await until(pods, ([pod]) => pod?.status?.phase === 'Running');
    expect(started[0]?.status?.containerStatuses?.[0]).toMatchObject({ ready: false, state: { running: {} } });
    await until(
      async () => (await core.listNamespacedEvent({ namespace: 'default' })).items,
      (items) => items.some(({ reason }) => reason === 'Unhealthy'),
    );
    expect((await read()).status?.readyReplicas).toBeUndefined();
    cluster.faults.set([]);
    await ready();
  });

  it('keep a namespace in termination, which says what holds it, until they are over', async () => {
    await core.createNamespace({ body: { metadata: { name: 'shop' } } });
    cluster.fault('stuck-termination', 'shop');
    await core.deleteNamespace({ name: 'shop' });
    const stuck = await until(
      () => core.readNamespace({ name: 'shop' }),
      ({ status }) => status?.conditions?.some(({ type, status: holds }) => type === 'NamespaceFinalizersRemaining' && holds === 'True') ?? false,
    );
    expect(stuck.status?.phase).toBe('Terminating');
    await cluster.restart();
    core = cluster.config.makeApiClient(CoreV1Api);
    expect((await core.readNamespace({ name: 'shop' })).status?.phase).toBe('Terminating');
    cluster.faults.set([]);
    await until(() => core.listNamespace(), ({ items }) => items.every(({ metadata }) => metadata?.name !== 'shop'));
  });
});

it('finalizers hold a namespace too, until somebody takes them off', async () => {
  await core.createNamespace({ body: { metadata: { name: 'shop' } } });
  const metadata = { name: 'held', finalizers: ['example.com/hold'] };
  await core.createNamespacedConfigMap({ namespace: 'shop', body: { metadata } });
  await core.deleteNamespace({ name: 'shop' });
  const held = await until(
    () => core.readNamespace({ name: 'shop' }),
    ({ status }) => status?.conditions?.some(({ message }) => message?.endsWith('remaining: configmaps. has 1 resource instances')) ?? false,
  );
  expect(held.status?.conditions?.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ]),
  );
  const body = { metadata: { finalizers: null } };
  await core.patchNamespacedConfigMap({ namespace: 'shop', name: 'held', body }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
  await until(() => core.listNamespace(), ({ items }) => items.every(({ metadata: found }) => found?.name !== 'shop'));
});

it('everything is there again after a restart', async () => {
  await deploy('nginx:1', 2);
  const before = await ready();
  await cluster.restart();
  apps = cluster.config.makeApiClient(AppsV1Api);
  core = cluster.config.makeApiClient(CoreV1Api);
  expect(await read()).toEqual(before);
  expect((await pods()).every(({ status }) => status?.phase === 'Running')).toBe(true);
});
