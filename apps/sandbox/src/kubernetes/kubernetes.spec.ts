import { setTimeout as wait } from 'node:timers/promises';
import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type V1Container,
  type V1Deployment,
} from '@kubernetes/client-node';
import type { FastifyInstance } from 'fastify';
import { createConnection } from 'mysql2/promise';
import { RequestLog } from '../core/request-log.js';
import { createServer } from '../core/serve.js';
import type { Database } from '../mariadb/database.js';
import { startDatabase } from '../mariadb/start-database.js';
import { openTestContext, type TestContext } from '../mariadb/test-context.js';
import { createKubernetes, type Kubernetes } from './create-kubernetes.js';
import { UnreachableError } from './resolve-host.js';

const HOST = 'mysql-shop.shop.svc.cluster.local';

let context: TestContext;
let database: Database;
let kubernetes: Kubernetes;
let server: FastifyInstance;
let core: CoreV1Api;
let apps: AppsV1Api;
let config: KubeConfig;

beforeAll(async () => {
  context = await openTestContext();
  const { ctx } = context;
  database = await startDatabase(ctx, { port: ctx.ports.mysql });
  kubernetes = await createKubernetes(ctx, database);
  const log = new RequestLog(ctx.clock, () => []);
  server = await createServer(kubernetes.standIn, {
    store: ctx.store,
    clock: ctx.clock,
    log,
    faults: ctx.faults,
    latency: new Map(),
  });
  await server.listen({ host: ctx.host, port: ctx.ports.kubernetes });
  config = new KubeConfig();
  config.loadFromFile(kubernetes.credentials.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  apps = config.makeApiClient(AppsV1Api);
}, 90_000);

afterAll(async () => {
  await server.close();
  await kubernetes.standIn.close();
  await database.close();
  await context.close();
});

beforeEach(() => kubernetes.standIn.reset());

describe('objects', () => {
  test('a namespace must exist, takes a while to go, and takes everything in it along', async () => {
    const secret = { metadata: { name: 'token' }, stringData: { key: 'value' } };
    await expect(core.createNamespacedSecret({ namespace: 'shop', body: secret })).rejects.toMatchObject({ code: 404 });
    await core.createNamespace({ body: { metadata: { name: 'shop' } } });
    const created = await core.createNamespacedSecret({ namespace: 'shop', body: secret });
    expect(created.data).toEqual({ key: Buffer.from('value').toString('base64') });
    expect(created.stringData).toBeUndefined();

    const doomed = await core.deleteNamespace({ name: 'shop' });
    expect((doomed as { status?: unknown }).status).toMatchObject({ phase: 'Terminating' });
    const refusal = await refused(core.createNamespacedSecret({ namespace: 'shop', body: { metadata: { name: 'late' } } }));
    expect(refusal).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(refusal.details.causes[0]?.reason).toBe('NamespaceTerminating');
    await until(() =>
      core.readNamespace({ name: 'shop' }).then(
        () => false,
        (error: ApiException<unknown>) => error.code === 404,
      ),
    );
    expect(kubernetes.cluster.list('v1', 'Secret', 'shop')).toEqual([]);
  });

  test('without the token there is nothing to see', async () => {
    const stranger = new KubeConfig();
    stranger.loadFromString(config.exportConfig().replace(kubernetes.credentials.token, 'wrong'));
    await expect(stranger.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({ code: 401 });
    const answer = await server.inject({ url: '/api/v1/namespaces' });
    expect(answer.json()).toMatchObject({
      ...{ kind: 'Status', code: 403, reason: 'Forbidden', status: 'Failure' },
      message: 'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
    });
  });

  test('names, versions and repetitions are refused as the API server refuses them', async () => {
    const bad = await refused(core.createNamespace({ body: { metadata: { name: 'Shop_1' } } }));
    expect(bad).toMatchObject({ code: 422, reason: 'Invalid', details: { kind: 'Namespace', name: 'Shop_1' } });
    expect(bad.details.causes[0]).toMatchObject({ reason: 'FieldValueInvalid', field: 'metadata.name' });

    const read = await core.createNamespace({ body: { metadata: { name: 'shop' } } });
    expect(await refused(core.createNamespace({ body: { metadata: { name: 'shop' } } }))).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
    });
    await core.replaceNamespace({ name: 'shop', body: { ...read, metadata: { ...read.metadata, labels: { a: 'b' } } } });
    expect(await refused(core.replaceNamespace({ name: 'shop', body: read }))).toMatchObject({ code: 409, reason: 'Conflict' });
    const secret = { metadata: { name: 'bad' }, data: { key: '!' } };
    expect(await refused(core.createNamespacedSecret({ namespace: 'shop', body: secret }))).toMatchObject({
      code: 400,
      reason: 'BadRequest',
    });
  });

  test('a plain object as patch is refused, since clients send it as a JSON patch', async () => {
    const refusal = await refused(core.patchNamespace({ name: 'default', body: { metadata: { labels: { a: 'b' } } } }));
    expect(refusal).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(refusal.message).toContain('cannot unmarshal object');
  });

  test('merge, strategic and JSON patches each do what they say', async () => {
    await apps.createNamespacedDeployment({ namespace: 'default', body: deployment('web') });
    const patch = (body: unknown, strategy: PatchStrategy) =>
      apps.patchNamespacedDeployment({ name: 'web', namespace: 'default', body }, setHeaderOptions('Content-Type', strategy));
    const sidecar = { spec: { template: { spec: { containers: [{ name: 'sidecar', image: 'busybox' }] } } } };
    const strategic = await patch(sidecar, PatchStrategy.StrategicMergePatch);
    expect(strategic.spec?.template.spec?.containers.map(({ name }) => name).sort()).toEqual(['sidecar', 'web']);
    const merged = await patch(sidecar, PatchStrategy.MergePatch);
    expect(merged.spec?.template.spec?.containers.map(({ name }) => name)).toEqual(['sidecar']);
    const replaced = await patch([{ op: 'replace', path: '/spec/replicas', value: 3 }], PatchStrategy.JsonPatch);
    expect(replaced.spec?.replicas).toBe(3);
    const selector = { spec: { selector: { matchLabels: { app: 'other' } } } };
    expect(await refused(patch(selector, PatchStrategy.MergePatch))).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  test('server-side apply: one manager for each field, named when another wants it', async () => {
    const apply = (fieldManager: string, data: Record<string, string>, force = false) =>
      core.patchNamespacedConfigMap(
        { name: 'settings', namespace: 'default', fieldManager, force, body: { apiVersion: 'v1', kind: 'ConfigMap', data } },
        setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
      );
    await apply('slipway', { colour: 'blue', size: 'small' });
    expect((await apply('other', { colour: 'blue' })).data).toEqual({ colour: 'blue', size: 'small' });

    const conflict = await refused(apply('other', { size: 'large' }));
    expect(conflict).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "slipway": .data.size',
    });
    expect(conflict.details.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "slipway"', field: '.data.size' },
    ]);
    expect((await apply('other', { size: 'large' }, true)).data).toEqual({ colour: 'blue', size: 'large' });

    // What a manager applies no more goes, where nobody else wants it.
    expect((await apply('slipway', { shape: 'round' })).data).toEqual({ size: 'large', shape: 'round' });
    const kept = await core.readNamespacedConfigMap({ name: 'settings', namespace: 'default' });
    expect(kept.metadata?.managedFields?.map(({ manager }) => manager).sort()).toEqual(['other', 'slipway']);
  });

  test('what a create owns can be handed over to apply, which then takes it away', async () => {
    const metadata = { name: 'handed-over', namespace: 'default' };
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata, data: { colour: 'blue' } }, fieldManager: 'slipway' });
    const body = [{ op: 'replace', path: '/metadata/managedFields/0/operation', value: 'Apply' }];
    const handed = await core.patchNamespacedConfigMap({ ...metadata, body });
    expect(handed.metadata?.managedFields).toMatchObject([{ manager: 'slipway', operation: 'Apply' }]);
    const applied = await core.patchNamespacedConfigMap(
      { ...metadata, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { size: 'small' } }, fieldManager: 'slipway' },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    );
    expect(applied.data).toEqual({ size: 'small' });
  });

  test('a status is applied by its own door, and by no other', async () => {
    const store = (status: object) => ({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 'akeyless', namespace: 'default' },
      ...status,
    });
    const by = { fieldManager: 'operator', force: false };
    const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    await expect(kubernetes.cluster.apply(store(ready), { ...by, subresource: 'status' })).rejects.toMatchObject({ status: 404 });
    expect(await kubernetes.cluster.apply(store({ spec: STORE, ...ready }), by)).not.toHaveProperty('status');
    const applied = await kubernetes.cluster.apply(store({ spec: STORE, ...ready }), { ...by, subresource: 'status' });
    expect(applied).toMatchObject({ spec: STORE, ...ready });
  });

  test('a Secret applied twice is the same Secret', async () => {
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'x' } };
    const apply = () =>
      core.patchNamespacedSecret(
        { name: 'db', namespace: 'default', fieldManager: 'slipway', body },
        setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
      );
    const first = await apply();
    expect((await apply()).metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
  });

  test('selectors, watches and access reviews', async () => {
    const seen: string[] = [];
    const watching = await new Watch(config).watch(
      '/api/v1/namespaces/default/configmaps',
      { labelSelector: 'app=shop' },
      (phase, object: { metadata: { name: string } }) => seen.push(`${phase} ${object.metadata.name}`),
      () => {},
    );
    const make = (name: string, app: string) =>
      core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name, labels: { app } } } });
    await make('one', 'shop');
    await make('two', 'blog');
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'one' });
    await until(() => seen.length >= 2);
    watching.abort();
    expect(seen).toEqual(['ADDED one', 'DELETED one']);
    const listed = await core.listNamespacedConfigMap({ namespace: 'default', labelSelector: 'app in (shop,blog)' });
    expect(listed.items.map(({ metadata }) => metadata?.name)).toEqual(['two']);
    const review = { spec: { resourceAttributes: { verb: 'create', resource: 'namespaces' } } };
    const answer = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: review });
    expect(answer.status?.allowed).toBe(true);
  });
});

describe('workloads', () => {
  test('a pod waits for the Secret that it needs, and starts once that is there', async () => {
    const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'key' } } }];
    await apps.createNamespacedDeployment({ namespace: 'default', body: deployment('web', env) });
    await until(async () => (await waitingReason('app=web')) === 'CreateContainerConfigError');
    await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 'late' }, stringData: { key: 'x' } } });
    await until(
      async () => (await apps.readNamespacedDeployment({ name: 'web', namespace: 'default' })).status?.readyReplicas === 1,
    );
    const { status, metadata } = await apps.readNamespacedDeployment({ name: 'web', namespace: 'default' });
    expect(status).toMatchObject({
      observedGeneration: metadata?.generation,
      replicas: 1,
      updatedReplicas: 1,
      availableReplicas: 1,
    });

    await apps.deleteNamespacedDeployment({ name: 'web', namespace: 'default' });
    await until(async () => (await core.listNamespacedPod({ namespace: 'default' })).items.length === 0);
  });

  test('a database StatefulSet gives a real administrator, reachable by the service only while it is ready', async () => {
    expect(() => kubernetes.resolve(HOST, 3306)).toThrow(`lookup ${HOST} on 10.96.0.10:53: no such host`);
    await core.createNamespace({ body: { metadata: { name: 'shop' } } });
    await core.createNamespacedService({ namespace: 'shop', body: databaseService() });
    expect(() => kubernetes.resolve(HOST, 3306)).toThrow(/connect: connection refused/);
    await apps.createNamespacedStatefulSet({ namespace: 'shop', body: databaseSet() });
    await until(async () =>
      (await core.listNamespacedEvent({ namespace: 'shop' })).items.some(({ reason }) => reason === 'Failed'),
    );
    expect(kubernetes.serviceReady(HOST)).toBe(false);

    const credentials = { MYSQL_ROOT_PASSWORD: 'p@ss;w0rd', MYSQL_DATABASE: 'shop' };
    await core.createNamespacedSecret({ namespace: 'shop', body: { metadata: { name: 'mysql' }, stringData: credentials } });
    await until(() => kubernetes.serviceReady(HOST));
    const resolved = kubernetes.resolve(HOST, 3306);
    expect(() => kubernetes.resolve(HOST, 3307)).toThrow(UnreachableError);
    const login = { host: database.host, port: database.port, user: resolved?.account('root')?.user, database: 'shop' };
    const root = await createConnection({ ...login, password: 'p@ss;w0rd' });
    await root.query("CREATE USER tmp@'%' IDENTIFIED BY 'x'");
    await root.query('GRANT SELECT ON shop.* TO tmp');
    await root.end();

    await core.deleteNamespace({ name: 'shop' });
    await until(async () => (await database.state()).schemas.length === 0);
    expect((await database.state()).users).toEqual([]);
    expect(() => kubernetes.resolve(HOST, 3306)).toThrow(/no such host/);
  });

  test('MYSQL_USER administers the schema only where an initialisation script says so', async () => {
    await core.createNamespace({ body: { metadata: { name: 'shop' } } });
    const set = databaseSet();
    const env = { MYSQL_RANDOM_ROOT_PASSWORD: 'yes', MYSQL_USER: 'dbadmin', MYSQL_PASSWORD: 'secret', MYSQL_DATABASE: 'shop' };
    await core.createNamespacedSecret({ namespace: 'shop', body: { metadata: { name: 'mysql' }, stringData: env } });
    const script = "docker_process_sql <<SQL\nGRANT CREATE USER, PROCESS ON *.* TO '$MYSQL_USER'@'%';\nSQL\n";
    await core.createNamespacedConfigMap({
      namespace: 'shop',
      body: { metadata: { name: 'init' }, data: { 'grants.sh': script } },
    });
    const volumes = [{ name: 'init', configMap: { name: 'init' } }];
    const volumeMounts = [{ name: 'init', mountPath: '/docker-entrypoint-initdb.d' }];
    const containers = set.spec.template.spec.containers.map((container) => ({ ...container, volumeMounts }));
    set.spec.template.spec = Object.assign({ containers }, { volumes });
    await apps.createNamespacedStatefulSet({ namespace: 'shop', body: set });
    await until(() => database.server('shop/mysql-shop')?.initialised === true);
    expect(database.server('shop/mysql-shop')?.accounts['dbadmin']).toMatchObject({ administrator: true });
  });
});

function deployment(name: string, env: V1Container['env'] = []): V1Deployment {
  const labels = { app: name };
  const containers = [{ name, image: 'nginx:1', env, ports: [{ containerPort: 80 }] }];
  const spec = { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

function databaseService() {
  const spec = { selector: { app: 'mysql' }, ports: [{ port: 3306 }] };
  return { metadata: { name: 'mysql-shop' }, spec };
}

function databaseSet() {
  const labels = { app: 'mysql' };
  const image = 'docker.io/library/mysql:8.4';
  const containers: V1Container[] = [{ name: 'mysql', image, envFrom: [{ secretRef: { name: 'mysql' } }] }];
  const template = { metadata: { labels }, spec: { containers } };
  return { metadata: { name: 'mysql-shop' }, spec: { serviceName: 'mysql-shop', selector: { matchLabels: labels }, template } };
}

async function waitingReason(labelSelector: string): Promise<string | undefined> {
  const { items } = await core.listNamespacedPod({ namespace: 'default', labelSelector });
  return items[0]?.status?.containerStatuses?.[0]?.state?.waiting?.reason;
}

const STORE = { provider: { fake: { data: [{ key: 'a', value: 'b' }] } } };

interface Refusal {
  kind: string;
  code: number;
  reason: string;
  message: string;
  status: string;
  details: { causes: { reason: string; message: string; field: string }[] };
}

/** The Status in the body of the refusal. */
async function refused(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiException) return JSON.parse(String(error.body)) as Refusal;
    throw error;
  }
  throw new Error('The API server did what it should have refused.');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${holds.toString()}`);
    await wait(20);
  }
}
