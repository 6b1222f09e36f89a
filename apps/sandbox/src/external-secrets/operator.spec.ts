import { CoreV1Api, CustomObjectsApi, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { join } from 'node:path';
import { SandboxProcess } from '../testing/sandbox-process.js';
import { until } from '../testing/until.js';
import { STORE_NAME } from './operator.js';

let sandbox: SandboxProcess;
let core: CoreV1Api;
let custom: CustomObjectsApi;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  const config = new KubeConfig();
  config.loadFromFile(join(sandbox.home, 'kubeconfig'));
  core = config.makeApiClient(CoreV1Api);
  custom = config.makeApiClient(CustomObjectsApi);
}, 90_000);

afterAll(() => sandbox.remove());

const PLACE = { group: 'external-secrets.io', version: 'v1', namespace: 'default', plural: 'externalsecrets' };

function externalSecret(name: string, spec: object) {
  const defaults = { refreshInterval: '30m', secretStoreRef: { kind: 'ClusterSecretStore', name: STORE_NAME } };
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name }, spec: { ...defaults, ...spec } };
}

function create(name: string, spec: object): Promise<unknown> {
  return custom.createNamespacedCustomObject({ ...PLACE, body: externalSecret(name, spec) });
}

/** The Secret's values in clear; undefined where there is none. */
async function valuesOf(name: string): Promise<Record<string, string> | undefined> {
  const secret = (await core.listNamespacedSecret({ namespace: 'default' })).items.find(({ metadata }) => metadata?.name === name);
  return secret && Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

async function store(path: '/create-secret' | '/update-secret-val', name: string, value: unknown): Promise<void> {
  const { accessId, accessKey } = sandbox.connection.akeyless;
  const { token } = await akeyless('/auth', { 'access-id': accessId, 'access-key': accessKey });
  await akeyless(path, { token, name, value: typeof value === 'string' ? value : JSON.stringify(value) });
}

interface Condition {
  status: string;
  reason: string;
  message: string;
}

function conditionOf(name: string): Promise<Condition | undefined> {
  return custom.getNamespacedCustomObject({ ...PLACE, name }).then((object) => {
    return (object as { status?: { conditions?: Condition[] } }).status?.conditions?.[0];
  });
}

async function akeyless(path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { url } = sandbox.connection.akeyless;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

it('says why it cannot sync, syncs once it can, and takes the secret along when it goes', async () => {
  await create('late', { dataFrom: [{ extract: { key: '/apps/late' } }] });
  const failing = await until(() => conditionOf('late'), (condition) => condition !== undefined);
  expect(failing).toMatchObject({ status: 'False', reason: 'SecretSyncedError', message: 'could not get secret data from provider' });
  const { items } = await core.listNamespacedEvent({ namespace: 'default' });
  expect(items.find(({ reason }) => reason === 'UpdateFailed')?.message).toContain('error processing spec.dataFrom[0].extract, err: ');

  await store('/create-secret', '/apps/late', { user: 'ada', password: 'not-a-secret' });
  await until(() => conditionOf('late'), (condition) => condition?.reason === 'SecretSynced');
  const secret = await core.readNamespacedSecret({ namespace: 'default', name: 'late' });
  const user = Buffer.from(secret.data?.['user'] ?? '', 'base64').toString();
  expect([user, secret.metadata?.ownerReferences?.[0]?.kind]).toEqual(['ada', 'ExternalSecret']);

  await custom.deleteNamespacedCustomObject({ ...PLACE, name: 'late' });
  const secrets = async () => (await core.listNamespacedSecret({ namespace: 'default' })).items;
  await until(secrets, (all) => all.every(({ metadata }) => metadata?.name !== 'late'));
}, 60_000);

it('follows the provider when the interval is over by the clock, when asked to, and when somebody touches the Secret', async () => {
  await store('/create-secret', '/apps/follow', { user: 'ada' });
  await create('follow', { dataFrom: [{ extract: { key: '/apps/follow' } }] });
  await until(() => valuesOf('follow'), (values) => values?.['user'] === 'ada');
  await core.deleteNamespacedSecret({ namespace: 'default', name: 'follow' });
  await until(() => valuesOf('follow'), (values) => values?.['user'] === 'ada');

  await store('/update-secret-val', '/apps/follow', { user: 'grace' });
  const patch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  const body = { metadata: { annotations: { 'force-sync': '1' } } };
  await custom.patchNamespacedCustomObject({ ...PLACE, name: 'follow', body }, patch);
  await until(() => valuesOf('follow'), (values) => values?.['user'] === 'grace');

  await store('/update-secret-val', '/apps/follow', { user: 'edsger' });
  await sandbox.control('PUT', '/clock', { advance: 'PT29M' });
  expect((await valuesOf('follow'))?.['user']).toBe('grace');
  await sandbox.control('PUT', '/clock', { advance: 'PT2M' });
  await until(() => valuesOf('follow'), (values) => values?.['user'] === 'edsger');
}, 60_000);

it('asks for each entry of data by itself, and fills a template', async () => {
  await store('/create-secret', '/apps/entries', { user: 'ada', password: 'p' });
  const entry = (secretKey: string) => ({ secretKey, remoteRef: { key: '/apps/entries', property: secretKey } });
  const template = { type: 'kubernetes.io/basic-auth', data: { username: '{{ .user }}', password: '{{ .password }}' } };
  await create('entries', { data: [entry('user'), entry('password')], target: { name: 'filled', template } });
  await until(() => valuesOf('filled'), (values) => values?.['username'] === 'ada' && values['password'] === 'p');
  const asked = (await sandbox.control('GET', '/requests?system=akeyless')) as { path: string; body: { name?: string } }[];
  expect(asked.filter(({ path, body }) => path === '/describe-item' && body.name === '/apps/entries').length).toBeGreaterThanOrEqual(2);
}, 60_000);

it.each([
  ['Delete', 'Owner', { status: 'True', reason: 'SecretDeleted', message: 'secret deleted due to DeletionPolicy=Delete' }],
  ['Retain', 'Owner', { status: 'False', reason: 'SecretSyncedError', message: 'could not get secret data from provider' }],
  ['Merge', 'Merge', { status: 'True', reason: 'SecretMissing', message: 'secret will not be created due to CreationPolicy=Merge' }],
])('deletionPolicy %s with creationPolicy %s where the provider has nothing', async (deletionPolicy, creationPolicy, condition) => {
  const name = `policy-${deletionPolicy.toLowerCase()}`;
  const dataFrom = [{ extract: { key: '/apps/nowhere' } }];
  await create(name, { dataFrom, target: { deletionPolicy, creationPolicy } });
  await until(() => conditionOf(name), (found) => found !== undefined);
  expect(await conditionOf(name)).toMatchObject(condition);
  expect(await valuesOf(name)).toBeUndefined();
}, 60_000);

it('a store without its login is not ready, and says so to who uses it', async () => {
  const secretRef = { accessID: { name: 'nowhere', key: 'id' } };
  const provider = { akeyless: { akeylessGWApiURL: sandbox.connection.akeyless.url, authSecretRef: { secretRef } } };
  const body = { apiVersion: 'external-secrets.io/v1', kind: 'SecretStore', metadata: { name: 'broken' }, spec: { provider } };
  const stores = { ...PLACE, plural: 'secretstores' };
  await custom.createNamespacedCustomObject({ ...stores, body });
  const ready = () =>
    custom
      .getNamespacedCustomObject({ ...stores, name: 'broken' })
      .then((object) => (object as { status?: { conditions?: Condition[] } }).status?.conditions?.[0]);
  expect(await until(ready, (condition) => condition !== undefined)).toMatchObject({ status: 'False', reason: 'InvalidProviderConfig' });
  await create('unready', { secretStoreRef: { kind: 'SecretStore', name: 'broken' }, dataFrom: [{ extract: { key: '/a' } }] });
  await until(() => conditionOf('unready'), (condition) => condition?.status === 'False');
  const events = await core.listNamespacedEvent({ namespace: 'default', fieldSelector: 'involvedObject.name=unready' });
  expect(events.items.map(({ message }) => message)).toContain(
    'error processing spec.dataFrom[0].extract, err: SecretStore "broken" is not ready',
  );
}, 60_000);

it('a kill -9 costs no Secret and makes no new reading before its time', async () => {
  await store('/create-secret', '/apps/kept', { user: 'ada' });
  await create('kept', { dataFrom: [{ extract: { key: '/apps/kept' } }] });
  await until(() => conditionOf('kept'), (condition) => condition?.reason === 'SecretSynced');
  const attempts = async () => {
    const { items } = await core.listNamespacedEvent({ namespace: 'default', fieldSelector: 'involvedObject.name=unready' });
    return items.reduce((total, { count }) => total + (count ?? 0), 0);
  };
  await sandbox.stop('SIGKILL');
  const before = await sandbox.start().then(attempts);
  expect(await valuesOf('kept')).toEqual({ user: 'ada' });
  // By the second try on another, the operator has looked at all there is.
  await until(attempts, (count) => count > before + 1);
  const asked = (await sandbox.control('GET', '/requests?system=akeyless')) as { path: string; body: { name?: string } }[];
  expect(asked.filter(({ body }) => body?.name === '/apps/kept')).toEqual([]);
}, 90_000);
