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
import { SandboxClient } from '../product/sandbox-client.js';
import { serviceValues } from '../product/service-values.js';
import { type Product, startProduct } from '../product/start-product.js';
import { until } from '../product/until.js';
import { GeneratedApp, SteadyLoad } from './generated-app.js';
import { openPodAccess, type PodAccess } from './pod-access.js';

jest.setTimeout(120_000);

const run = promisify(execFile);
const python = process.env['SLIPWAY_PYTHON'];
const SECRET = '/slipway/shop/database-credential';
const LIFETIMES = 10;

// Where there is no Python with Flask, pytest and a MySQL driver, which the set-up brings where it may.
(python ? describe : describe.skip)('the generated app, in Python', () => {
  let product: Product;
  let sandbox: SandboxClient;
  let folder: string;
  let clone: string;
  let administrator: { user: string; password: string };
  let pod: PodAccess;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-generated-'));
    product = await startProduct();
    sandbox = new SandboxClient(product.demo.sandbox);
    const api = await ApiClient.signIn(product.demo);
    const deployment = await api.ended(await api.request('deploy_python_flask_app', serviceValues('shop')));
    expect(deployment).toMatchObject({ statusLabel: 'SUCCEEDED', failure: null });
    const { github } = product.demo.sandbox;
    await cloneRepository(`${github.url}/${github.org}/shop.git`, github.token, folder);
    clone = path.join(folder, 'clone');
    const { password } = await secretValues(product.demo.sandbox, 'shop', 'mysql-shop');
    administrator = { user: String(await administratorName()), password: String(password) };
    pod = await openPodAccess(product.demo.sandbox, sandbox, { namespace: 'shop', serviceAccount: 'shop', secret: SECRET, folder });
  });
  afterAll(async () => {
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('passes its own tests, on a real database and with a real gateway', async () => {
    const { host, port } = product.demo.sandbox.mysql;
    const env = {
      PATH: process.env['PATH'],
      PYTHONDONTWRITEBYTECODE: '1',
      ...{ TEST_DATABASE_HOST: host, TEST_DATABASE_PORT: String(port), TEST_DATABASE_NAME: 'shop' },
      ...{ TEST_DATABASE_ADMIN_USER: administrator.user, TEST_DATABASE_ADMIN_PASSWORD: administrator.password },
      ...{ TEST_AKEYLESS_URL: pod.url, TEST_AKEYLESS_ACCESS_ID: pod.accessId, TEST_AKEYLESS_AUTH_CONFIG: pod.authConfig },
      ...{ TEST_AKEYLESS_TOKEN_FILE: pod.tokenFile, TEST_AKEYLESS_SECRET: SECRET },
    };
    const options = ['-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider'];
    const { stdout } = await run(python ?? '', options, { cwd: clone, env }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
    expect(stdout).toMatch(/^\d+ passed in/m);
  });

  it('is alive and unready until its secret exists', async () => {
    const app = await startApp({ ...fromTheGateway(), DATABASE_SECRET: '/slipway/shop/not-made-yet' });
    expect(await app.get('/readyz')).toBe(503);
    expect(await app.get('/todos')).toBe(503);
    expect(await app.get('/healthz')).toBe(200);
    expect(app.output).toContain('is not there yet');
    await app.stop();
  });

  it(`serves 20 requests a second for ${LIFETIMES} lifetimes of its credential: none fails, and the old users are gone`, async () => {
    const mount = path.join(folder, 'mount');
    await mkdir(mount);
    await project(mount, await issue());
    const soon = { DATABASE_CREDENTIAL_REFRESH_SECONDS: '0.25' };
    // One takes its credential from the gateway itself, the other from the files that External Secrets keeps fresh.
    const apps = await Promise.all([startApp({ ...fromTheGateway(), ...soon }), startApp({ DATABASE_CREDENTIAL: mount, ...soon })]);
    for (const app of apps) await until('it is ready', async () => (await app.get('/readyz')) === 200);

    const loads = apps.map((app) => new SteadyLoad(app, '/todos', 20));
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

  function startApp(env: Record<string, string>): Promise<GeneratedApp> {
    const { host, port } = product.demo.sandbox.mysql;
    return freePort().then((own) =>
      GeneratedApp.start(python ?? '', clone, own, { DATABASE_HOST: host, DATABASE_PORT: String(port), DATABASE_NAME: 'shop', ...env }),
    );
  }

  function fromTheGateway(): Record<string, string> {
    return {
      AKEYLESS_GATEWAY_URL: pod.url,
      AKEYLESS_ACCESS_ID: pod.accessId,
      AKEYLESS_K8S_AUTH_CONFIG: pod.authConfig,
      AKEYLESS_TOKEN_FILE: pod.tokenFile,
      DATABASE_SECRET: SECRET,
    };
  }

  async function issue(): Promise<{ user: string; password: string }> {
    return z.object({ user: z.string(), password: z.string() }).parse(await sandbox.akeyless('/dynamic-secret-get-value', { name: SECRET }));
  }

  /** The real name of the app's administrator: all servers of the sandbox are one (apps/sandbox/src/mariadb). */
  async function administratorName(): Promise<string | undefined> {
    const { mysql: server } = z.object({ mysql: z.object({ users: z.array(z.string()) }) }).parse(await sandbox.holds());
    return server.users.find((user) => user.startsWith('sbx_dbadmin_'));
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
    const { host, port } = product.demo.sandbox.mysql;
    const connection = await mysql.createConnection({ host, port, ...administrator });
    const [rows] = await connection.query<mysql.RowDataPacket[]>(sql);
    await connection.end();
    return rows.map((row) => String(row['user']));
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
