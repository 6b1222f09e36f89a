import { CoreV1Api, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
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

function externalSecret(name: string, key: string) {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name },
    spec: {
      refreshInterval: '30m',
      secretStoreRef: { kind: 'ClusterSecretStore', name: STORE_NAME },
      target: { name },
      dataFrom: [{ extract: { key } }],
    },
  };
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
  await custom.createNamespacedCustomObject({ ...PLACE, body: externalSecret('late', '/apps/late') });
  const failing = await until(() => conditionOf('late'), (condition) => condition !== undefined);
  expect(failing).toMatchObject({ status: 'False', reason: 'SecretSyncedError' });

  const { accessId, accessKey } = sandbox.connection.akeyless;
  const { token } = await akeyless('/auth', { 'access-id': accessId, 'access-key': accessKey });
  const value = JSON.stringify({ user: 'ada', password: 'not-a-secret' });
  await akeyless('/create-secret', { token, name: '/apps/late', value });
  await until(() => conditionOf('late'), (condition) => condition?.reason === 'SecretSynced');
  const secret = await core.readNamespacedSecret({ namespace: 'default', name: 'late' });
  const user = Buffer.from(secret.data?.['user'] ?? '', 'base64').toString();
  expect([user, secret.metadata?.ownerReferences?.[0]?.kind]).toEqual(['ada', 'ExternalSecret']);

  await custom.deleteNamespacedCustomObject({ ...PLACE, name: 'late' });
  const secrets = async () => (await core.listNamespacedSecret({ namespace: 'default' })).items;
  await until(secrets, (all) => all.every(({ metadata }) => metadata?.name !== 'late'));
}, 60_000);
