import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import mysql from 'mysql2/promise';
import { z } from 'zod';
import { ApiClient } from '../product/api-client.js';
import { cloneRepository, secretValues } from '../product/developer-tools.js';
import { freePort } from '../product/free-port.js';
import { podOf } from '../product/pod.js';
import { SandboxClient } from '../product/sandbox-client.js';
import { serviceValues } from '../product/service-values.js';
import { type Product, startProduct } from '../product/start-product.js';
import { until } from '../product/until.js';
import { GeneratedApp, SteadyLoad } from './generated-app.js';

jest.setTimeout(120_000);

const run = promisify(execFile);
const python = process.env['SLIPWAY_PYTHON'];
const SECRET = '/slipway/shop/database-credential';
const LIFETIMES = 10;

// Where there is no Python with Flask, pytest and a MySQL driver, which the set-up brings where it may.
(python ? describe : describe.skip)('the generated app, in Python', () => {
  let product: Product;
  let api: ApiClient;
  let sandbox: SandboxClient;
  let folder: string;
  let clone: string;
  let administrator: { user: string; password: string };
  /** What the manifests give the service, where this machine is not the cluster. */
  let environment: Record<string, string>;
  const running: Array<{ stop(): Promise<void> }> = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-generated-'));
    product = await startProduct();
    sandbox = new SandboxClient(product.demo.sandbox);
    api = await ApiClient.signIn(product.demo);
    const deployment = await api.ended(await api.request('deploy_python_flask_app', serviceValues('shop')));
    expect(deployment).toMatchObject({ statusLabel: 'SUCCEEDED', failure: null });
    const { github } = product.demo.sandbox;
    await cloneRepository(`${github.url}/${github.org}/shop.git`, github.token, folder);
    clone = path.join(folder, 'clone');
    const { 'root-password': password } = await secretValues(product.demo.sandbox, 'shop', 'mysql-shop');
    administrator = { user: await realName('root'), password: String(password) };
    const pod = await podOf(product.demo.sandbox, 'shop', 'shop');
    const tokenFile = path.join(folder, 'service-account-token');
    await writeFile(tokenFile, pod.token);
    const { host, port } = product.demo.sandbox.mysql;
    environment = { ...pod.environment, DATABASE_HOST: host, DATABASE_PORT: String(port), AKEYLESS_TOKEN_FILE: tokenFile };
  });
  // Where a test failed they are still at it, and Jest would wait for them for ever.
  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  });
  afterAll(async () => {
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('passes its own tests, on a real database and with a real gateway', async () => {
    const env: Record<string, string | undefined> = { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' };
    for (const name of ['HOST', 'PORT', 'NAME']) env[`TEST_DATABASE_${name}`] = environment[`DATABASE_${name}`];
    Object.assign(env, { TEST_DATABASE_ADMIN_USER: administrator.user, TEST_DATABASE_ADMIN_PASSWORD: administrator.password });
    env['TEST_AKEYLESS_SECRET'] = environment['DATABASE_SECRET'];
    for (const name of ['GATEWAY_URL', 'ACCESS_ID', 'K8S_AUTH_CONFIG', 'TOKEN_FILE']) env[`TEST_AKEYLESS_${name}`] = environment[`AKEYLESS_${name}`];
    const options = ['-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider'];
    const { stdout } = await run(python ?? '', options, { cwd: clone, env }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
    expect(stdout).toMatch(/^\d+ passed in/m);
  });

  it('is alive and unready until its secret exists', async () => {
    const app = await startApp({ DATABASE_SECRET: '/slipway/shop/access-not-made-yet' });
    expect(await app.get('/readyz')).toBe(503);
    expect(await app.get('/todos')).toBe(503);
    expect(await app.get('/healthz')).toBe(200);
    await until('it has said why', () => Promise.resolve(app.output.includes('is not there yet')));
    await app.stop();
  });

  it(`serves 20 requests a second for ${LIFETIMES} lifetimes of its credential: none fails, and the old users are gone`, async () => {
    const mount = path.join(folder, 'mount');
    await mkdir(mount);
    await project(mount, await issue());
    const soon = { DATABASE_CREDENTIAL_REFRESH_SECONDS: '0.25' };
    // One takes its credential from the gateway itself, the other from the files that External Secrets keeps fresh.
    const apps = await Promise.all([startApp(soon), startApp({ ...soon, AKEYLESS_GATEWAY_URL: '', DATABASE_CREDENTIAL: mount })]);
    for (const app of apps) await until('it is ready', async () => (await app.get('/readyz')) === 200);

    const loads = apps.map(loadOn);
    const retired = new Set<string>();
    // A credential lives for an hour: the next one comes well before that.
    for (let half = 0; half < LIFETIMES * 2; half += 1) {
      const before = await usersAtWork();
      before.forEach((user) => retired.add(user));
      await sandbox.advance('PT30M');
      await project(mount, await issue());
      await until('both work with another user', async () => {
        const now = await usersAtWork();
        return now.length >= apps.length && now.every((user) => !before.includes(user));
      }, 10_000);
    }
    await Promise.all(loads.map((load) => load.stop()));
    expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
    for (const { sent } of loads) expect(sent).toBeGreaterThan(50);
    expect(retired.size).toBeGreaterThanOrEqual(LIFETIMES * 4);
    for (const { output } of apps) {
      expect(output).not.toMatch(/"level": "(error|critical)"/);
      for (const user of retired) expect(output).not.toContain(user);
    }

    await Promise.all(apps.map((app) => app.stop()));
    await sandbox.advance('PT61M');
    await until('every user is gone', async () => (await databaseUsers()).every((user) => !retired.has(user)));
  });

  it('keeps serving while its credentials are rotated, and the old ones end', async () => {
    const app = await startApp({});
    await until('it is ready', async () => (await app.get('/readyz')) === 200);
    const before = await usersAtWork();
    const first = { user: await realName('dbadmin'), password: String((await secretValues(product.demo.sandbox, 'shop', 'mysql-shop'))['password']) };
    // Replaced when the service was made: what the cluster's Secret holds opens nothing any more.
    await expect(logIn(first)).rejects.toThrow(/denied/i);

    const load = loadOn(app);
    const rotation = await api.ended(await api.request('rotate_database_credentials', {}, 'shop'));
    expect(rotation).toMatchObject({ statusLabel: 'SUCCEEDED', failure: null });
    // As the rollout brings new pods up beside the old ones.
    const next = await startApp({});
    await until('a new pod is ready', async () => (await next.get('/readyz')) === 200);
    await load.stop();
    // In a cluster the pod is replaced before its user goes. This process is not: it carries on with another credential by itself,
    // and what was at the database in the very moment when its session was ended may be lost.
    expect(load.failures.length).toBeLessThanOrEqual(1);
    expect((await usersAtWork()).filter((user) => !before.includes(user))).not.toEqual([]);
    const users = await databaseUsers();
    for (const user of before) expect(users).not.toContain(user);
    await Promise.all([app.stop(), next.stop()]);
  });

  it('is deployed again on request', async () => {
    expect(await api.ended(await api.request('redeploy', {}, 'shop'))).toMatchObject({ statusLabel: 'SUCCEEDED', failure: null });
  });

  async function startApp(changes: Record<string, string>): Promise<GeneratedApp> {
    const app = await GeneratedApp.start(python ?? '', clone, await freePort(), { ...environment, ...changes });
    running.push(app);
    return app;
  }

  function loadOn(app: GeneratedApp): SteadyLoad {
    const load = new SteadyLoad(app, '/todos', 20);
    running.push(load);
    return load;
  }

  async function issue(): Promise<{ user: string; password: string }> {
    return z.object({ user: z.string(), password: z.string() }).parse(await sandbox.akeyless('/dynamic-secret-get-value', { name: SECRET }));
  }

  /** Of an account of the app's server: all servers of the sandbox are one (apps/sandbox/src/mariadb). */
  async function realName(account: string): Promise<string> {
    const { mysql: server } = z.object({ mysql: z.object({ users: z.array(z.string()) }) }).parse(await sandbox.holds());
    return server.users.find((user) => user.startsWith(`sbx_${account}_`)) ?? '';
  }

  async function databaseUsers(): Promise<string[]> {
    const grantees = await query("SELECT DISTINCT GRANTEE AS user FROM information_schema.USER_PRIVILEGES");
    return grantees.map((grantee) => grantee.split("'")[1] ?? '');
  }

  /** Who has a connection open now, the administrator left out. */
  async function usersAtWork(): Promise<string[]> {
    return query(`SELECT DISTINCT USER AS user FROM information_schema.PROCESSLIST WHERE DB = 'shop' AND USER <> '${administrator.user}'`);
  }

  async function query(sql: string): Promise<string[]> {
    const connection = await logIn(administrator);
    const [rows] = await connection.query<mysql.RowDataPacket[]>(sql);
    await connection.end();
    return rows.map((row) => String(row['user']));
  }

  function logIn(account: { user: string; password: string }): Promise<mysql.Connection> {
    return mysql.createConnection({ host: product.demo.sandbox.mysql.host, port: product.demo.sandbox.mysql.port, ...account });
  }
});

let issues = 0;

/** Puts a credential into a mounted folder as the kubelet does: a new folder, and one link that is swapped. */
async function project(mount: string, { user, password }: { user: string; password: string }): Promise<void> {
  issues += 1;
  const issue = `..issue-${issues}`;
  await mkdir(path.join(mount, issue));
  await writeFile(path.join(mount, issue, 'user'), user);
  await writeFile(path.join(mount, issue, 'password'), password);
  await symlink(issue, path.join(mount, '..data-next'));
  await rename(path.join(mount, '..data-next'), path.join(mount, '..data'));
}
