import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { SandboxContext } from '../core/context.js';
import type { Database } from './database.js';
import { MariaDbError } from './mariadb-error.js';
import { startDatabase } from './start-database.js';
import { openTestContext, type TestContext } from './test-context.js';

let context: TestContext;
let ctx: SandboxContext;
let port: number;
let database: Database;

beforeAll(async () => {
  context = await openTestContext();
  ctx = context.ctx;
  port = ctx.ports.mysql;
  database = await startDatabase(ctx, { port });
}, 90_000);

afterAll(async () => {
  await database.close();
  await context.close();
});

afterEach(() => database.reset());

test('a root of a virtual server logs in, and rules over its own schema and no other', async () => {
  await database.createServer(serverOf('shop/mysql', 'shop_db'));
  await database.createServer(serverOf('blog/mysql', 'shopxdb'));
  const root = await login('shop/mysql', 'root', 'a;b\'"@\\word');
  await root.query('CREATE TABLE shop_db.orders (id INT)');
  await root.query("CREATE USER 'tmp_one'@'%' IDENTIFIED BY 'TFW3Qm@~2yo8'");
  await root.query("GRANT SELECT, INSERT ON `shop\\_db`.* TO 'tmp_one'@'%'");

  await expect(root.query("GRANT DELETE ON `shop_db`.* TO 'tmp_one'@'%'")).rejects.toThrow(/denied/);
  await expect(root.query("GRANT SELECT ON *.* TO 'tmp_one'@'%'")).rejects.toThrow(/denied/);
  await expect(root.query('CREATE TABLE shopxdb.mine (id INT)')).rejects.toThrow(/denied/);
  expect((await database.state()).users).toContain('tmp_one');
  await root.end();
});

test('dropping a virtual server takes its schema, accounts, issued users and their sessions along', async () => {
  await database.createServer(serverOf('shop/mysql', 'shop'));
  const root = await login('shop/mysql', 'root', 'a;b\'"@\\word');
  await root.query("CREATE USER 'tmp_two'@'%' IDENTIFIED BY 'secret'");
  await root.query("GRANT SELECT ON `shop`.* TO 'tmp_two'@'%'");
  const session = await createConnection({ host: database.host, port, user: 'tmp_two', password: 'secret' });
  session.on('error', () => {});

  await database.dropServer('shop/mysql');

  expect(await database.state()).toEqual({ users: [], schemas: [] });
  await expect(session.query('SELECT 1')).rejects.toThrow();
  root.destroy();
});

test('a schema belongs to one virtual server', async () => {
  await database.createServer(serverOf('shop/mysql', 'shop'));
  await expect(database.createServer(serverOf('blog/mysql', 'shop'))).rejects.toThrow(MariaDbError);
});

test('the password of the administrator is in a file that only we may read', async () => {
  const { mode } = await stat(join(ctx.home, 'mariadb', 'admin-password'));
  expect(mode & 0o777).toBe(0o600);
  const password = await readFile(join(ctx.home, 'mariadb', 'admin-password'), 'utf8');
  const processes = await readFile(`/proc/${await pidOfServer()}/cmdline`, 'utf8').catch(() => '');
  expect(processes).not.toContain(password);
});

test('a server left behind by a killed sandbox is taken over', async () => {
  const before = await pidOfServer();
  const second = await startDatabase(ctx, { port });
  expect(await second.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(await pidOfServer()).toBe(before);
  await second.close();

  await database.close();
  database = await startDatabase(ctx, { port });
  expect(await pidOfServer()).not.toBe(before);
});

function serverOf(id: string, schema: string) {
  return { id, schema, accounts: [{ name: 'root', password: 'a;b\'"@\\word', administrator: true }] };
}

async function login(id: string, name: string, password: string) {
  const user = database.server(id)?.accounts[name]?.user;
  return createConnection({ host: database.host, port, user, password });
}

async function pidOfServer(): Promise<string> {
  const [row] = await database.query("SHOW VARIABLES LIKE 'pid_file'");
  return readFile(String(row?.['Value']), 'utf8');
}
