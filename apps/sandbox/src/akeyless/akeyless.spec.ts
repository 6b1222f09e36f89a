import { setTimeout as wait } from 'node:timers/promises';
import sdk from 'akeyless';
import type { FastifyInstance } from 'fastify';
import { createConnection } from 'mysql2/promise';
import { RequestLog } from '../core/request-log.js';
import { createServer } from '../core/serve.js';
import { createKubernetes, type Kubernetes } from '../kubernetes/create-kubernetes.js';
import type { Database } from '../mariadb/database.js';
import { startDatabase } from '../mariadb/start-database.js';
import { openTestContext, type TestContext } from '../mariadb/test-context.js';
import { createAkeyless, type Akeyless } from './create-akeyless.js';

const CREATION =
  "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'; GRANT SELECT, INSERT, CREATE ON `shop`.* TO '{{name}}'@'%';";
const REVOCATION = "DROP USER IF EXISTS '{{name}}'@'%';";

let context: TestContext;
let database: Database;
let kubernetes: Kubernetes;
let akeyless: Akeyless;
let server: FastifyInstance;
let api: sdk.V2Api;
let token: string;

beforeAll(async () => {
  context = await openTestContext();
  const { ctx } = context;
  database = await startDatabase(ctx, { port: ctx.ports.mysql });
  kubernetes = await createKubernetes(ctx, database);
  akeyless = createAkeyless(ctx, kubernetes.resolve);
  const log = new RequestLog(ctx.clock, () => []);
  server = await createServer(akeyless, { clock: ctx.clock, log, faults: ctx.faults, latency: new Map() });
  await server.listen({ host: ctx.host, port: ctx.ports.akeyless });
}, 90_000);

afterAll(async () => {
  await server.close();
  await akeyless.close();
  await kubernetes.standIn.close();
  await database.close();
  await context.close();
});

beforeEach(async () => {
  await akeyless.reset();
  await kubernetes.standIn.reset();
  api = new sdk.V2Api(new sdk.ApiClient(`${akeyless.credentials.url}/api/v2`));
  token = await logIn(akeyless.credentials);
});

describe('authentication', () => {
  test('tokens expire, and say so when asked', async () => {
    expect(await api.validateToken({ token })).toMatchObject({ is_valid: true });
    context.ctx.clock.advance('PT2H');
    expect(await api.validateToken({ token })).toMatchObject({ is_valid: false });
    await expect(api.targetList({ token })).rejects.toMatchObject({ status: 401 });
    await expect(logIn({ ...akeyless.credentials, accessKey: 'wrong' })).rejects.toMatchObject({ status: 401 });
  });

  test('who may not know hears 401, whether or not the item exists', async () => {
    await api.createSecret({ token, name: '/apps/known', value: 'x' });
    const stranger = await logIn(akeyless.credentials.restricted);
    await expect(api.describeItem({ token, name: '/apps/unknown' })).rejects.toMatchObject({ status: 404 });
    for (const name of ['/apps/known', '/apps/unknown']) {
      await expect(api.describeItem({ token: stranger, name })).rejects.toMatchObject({
        status: 401,
        body: { error: expect.stringContaining('UnauthorizedAccess') },
      });
    }
    await expect(api.describeItem({ token: stranger, name: '/shared/unknown' })).rejects.toMatchObject({ status: 404 });
  });
});

test('static secrets keep their description and tags', async () => {
  await api.createSecret({ token, name: 'apps/key', value: 'x', description: 'of Slipway', tags: ['slipway'] });
  await expect(api.createSecret({ token, name: '/apps/key', value: 'y' })).rejects.toMatchObject({
    status: 409,
    body: { error: expect.stringContaining('AlreadyExists') },
  });
  expect(await api.getSecretValue({ token, names: ['/apps/key'] })).toEqual({ '/apps/key': 'x' });
  expect(await api.describeItem({ token, name: '/apps/key' })).toMatchObject({
    item_metadata: 'of Slipway',
    item_tags: ['slipway'],
  });
  expect((await api.listItems({ token, path: '/apps' }))['items']).toHaveLength(1);
  await api.deleteItem({ token, name: '/apps/key' });
  await expect(api.describeItem({ token, name: '/apps/key' })).rejects.toMatchObject({ status: 404 });
});

test('what is unknown is refused by name', async () => {
  const post = (path: string, body: object) => server.inject({ method: 'POST', url: path, payload: { token, ...body } });
  const misnamed = await post('/dynamic-secret-create-mysql', { name: '/apps/x', 'mysql-statements': CREATION });
  expect(misnamed.statusCode).toBe(400);
  expect(misnamed.json().error).toBe('json: unknown field "mysql-statements"');
  expect((await post('/target-create-db', { name: '/apps/x' })).json().error).toMatch(/missing required parameter/);
  expect((await post('/v2/create-role', { name: '/r' })).statusCode).toBe(501);
  expect((await post('/create-role', { name: '/r' })).json().error).toContain('/create-role');
  const roles = (await api.listRoles({ token }))['roles'] as { role_name: string }[];
  expect(roles.map((role) => role.role_name)).toEqual(['/sandbox/admin', '/sandbox/restricted', '/sandbox/external-secrets']);
});

describe('dynamic secrets', () => {
  test('are inactive, and say why, while the database is not reachable', async () => {
    await createTarget('p@ss');
    const { dynamic_secret_details: details } = await createDynamicSecret();
    expect(details).toMatchObject({ active: false, failure_message: expect.stringContaining('no such host') });
    await expect(api.dynamicSecretGetValue({ token, name: '/apps/shop' })).rejects.toMatchObject({ status: 400 });
    await startShopDatabase('p@ss');
    await api.dynamicSecretDelete({ token, name: '/apps/shop' });
    expect((await createDynamicSecret()).dynamic_secret_details).toMatchObject({
      active: true,
      metadata: 'of Slipway',
      tags: ['slipway'],
    });
  });

  test('refuse a wrong password of the administrator', async () => {
    await startShopDatabase('p@ss');
    await createTarget('other');
    const { dynamic_secret_details: details } = await createDynamicSecret();
    expect(details).toMatchObject({ active: false, failure_message: expect.stringContaining("Access denied for user 'root'") });
  });

  test('issue users that log in, until they are revoked or their time is up', async () => {
    await startShopDatabase('p@ss');
    await createTarget('p@ss');
    await createDynamicSecret();
    expect(await api.targetGet({ token, name: '/apps/shop-db' })).toMatchObject({ comment: 'of Slipway' });
    await expect(api.targetDelete({ token, name: '/apps/shop-db' })).rejects.toMatchObject({ status: 400 });

    const first = await issue();
    expect(first.ttl_in_minutes).toBe('60');
    await expect(databaseAnswers(first)).resolves.toBe(true);
    const leases = await api.dynamicSecretTmpCredsGet({ token, name: '/apps/shop' });
    expect(leases).toMatchObject([{ id: first.id, access_id: akeyless.credentials.accessId, custom_ttl: 60 }]);
    await api.dynamicSecretTmpCredsDelete({ token, name: '/apps/shop', 'tmp-creds-id': first.id });
    await expect(databaseAnswers(first)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });

    const second = await issue();
    context.ctx.clock.advance('PT59M');
    await expect(databaseAnswers(second)).resolves.toBe(true);
    context.ctx.clock.advance('PT1M');
    await until(() =>
      databaseAnswers(second).then(
        () => false,
        () => true,
      ),
    );
    expect(await akeyless.state()).toMatchObject({ leases: [] });
    expect((await database.state()).users).not.toContain(second.user);
  });

  test('two apps may both call their administrator root', async () => {
    await startShopDatabase('p@ss');
    await startShopDatabase('other', 'blog');
    await createTarget('p@ss');
    await createDynamicSecret();
    await expect(databaseAnswers(await issue())).resolves.toBe(true);
    await api.dynamicSecretTmpCredsDelete({ token, name: '/apps/shop', 'revoke-all': true });
    expect((await database.state()).users.filter((user) => user.startsWith('tmp_'))).toEqual([]);
  });
});

async function logIn({ accessId, accessKey }: { accessId: string; accessKey: string }): Promise<string> {
  const answer = await api.auth({ 'access-id': accessId, 'access-key': accessKey, 'access-type': 'access_key' });
  return String(answer['token']);
}

async function createTarget(password: string): Promise<void> {
  const fields = {
    name: '/apps/shop-db',
    'db-type': 'mysql',
    'connection-type': 'credentials',
    host: 'mysql.shop.svc.cluster.local',
    port: '3306',
    'user-name': 'root',
    pwd: password,
    'db-name': 'shop',
    description: 'of Slipway',
  };
  await api.targetCreateDB(sdk.TargetCreateDB.constructFromObject({ token, ...fields }));
}

/** By the SDK's model, so with all the defaults that it adds. */
async function createDynamicSecret(): Promise<Record<string, unknown>> {
  const fields = {
    name: '/apps/shop',
    'target-name': '/apps/shop-db',
    'mysql-screation-statements': CREATION,
    'mysql-revocation-statements': REVOCATION,
    'user-ttl': '60m',
    description: 'of Slipway',
    tags: ['slipway'],
  };
  return api.dynamicSecretCreateMySql(sdk.DynamicSecretCreateMySql.constructFromObject({ token, ...fields }));
}

async function issue(): Promise<Record<'id' | 'user' | 'password' | 'ttl_in_minutes', string>> {
  // Time moves in these tests, and tokens go with it.
  token = await logIn(akeyless.credentials);
  return (await api.dynamicSecretGetValue({ token, name: '/apps/shop' })) as Record<
    'id' | 'user' | 'password' | 'ttl_in_minutes',
    string
  >;
}

async function databaseAnswers({ user, password }: { user: string; password: string }): Promise<boolean> {
  const connection = await createConnection({ host: database.host, port: database.port, user, password, database: 'shop' });
  await connection.query('CREATE TABLE IF NOT EXISTS notes (id INT)');
  await connection.end();
  return true;
}

async function startShopDatabase(password: string, namespace = 'shop'): Promise<void> {
  const labels = { app: 'mysql' };
  const env = [
    { name: 'MYSQL_ROOT_PASSWORD', value: password },
    { name: 'MYSQL_DATABASE', value: namespace },
  ];
  const template = { metadata: { labels }, spec: { containers: [{ name: 'mysql', image: 'mysql:8.4', env }] } };
  const metadata = { name: 'mysql', namespace };
  const apply = (apiVersion: string, kind: string, rest: object) =>
    kubernetes.cluster.apply({ apiVersion, kind, metadata, ...rest }, { fieldManager: 'spec', force: true });
  await kubernetes.cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { fieldManager: 'spec', force: true },
  );
  await apply('v1', 'Service', { spec: { selector: labels, ports: [{ port: 3306 }] } });
  await apply('apps/v1', 'StatefulSet', { spec: { serviceName: 'mysql', selector: { matchLabels: labels }, template } });
  await until(() => kubernetes.serviceReady(`mysql.${namespace}.svc`));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${holds.toString()}`);
    await wait(20);
  }
}
