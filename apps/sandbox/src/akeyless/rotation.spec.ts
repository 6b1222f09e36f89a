import { createConnection } from 'mysql2/promise';
import { AccountUnderTest, until } from './account-under-test.js';

let account: AccountUnderTest;

beforeAll(async () => {
  account = await AccountUnderTest.start();
}, 90_000);
afterAll(() => account.close());

beforeEach(async () => {
  await account.reset();
  await account.startShopDatabase('p@ss');
  await account.createTarget('p@ss');
});

test('the login of a target is changed in the database and in the target at once', async () => {
  await create({ 'rotator-type': 'target' });
  expect(await value()).toEqual({ username: 'root', password: 'p@ss' });
  await account.api.rotateSecret({ token: account.token, name: '/apps/root' });
  const { password } = await value();
  expect(password).not.toBe('p@ss');
  await expect(rootLogsIn('p@ss')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  await expect(rootLogsIn(password)).resolves.toBe(true);
  // The target knows: what logs in through it goes on.
  expect((await account.createDynamicSecret())['dynamic_secret_details']).toMatchObject({ active: true });
});

test('it is changed on its day and at its hour', async () => {
  const { ctx } = account;
  await create({ 'rotator-type': 'target', 'auto-rotate': 'true', 'rotation-interval': '7', 'rotation-hour': 3 });
  const item = await account.api.describeItem({ token: account.token, name: '/apps/root' });
  const due = Date.parse(String(item['next_rotation_date']));
  expect(new Date(due).getUTCHours()).toBe(3);
  ctx.clock.advance(`PT${Math.floor((due - ctx.clock.now()) / 1000) - 60}S`);
  expect((await value()).password).toBe('p@ss');
  ctx.clock.advance('PT2M');
  await until(async () => (await value()).password !== 'p@ss');
  await expect(rootLogsIn((await value()).password)).resolves.toBe(true);
});

test.each([['use-user-creds'], ['use-target-creds']])('the password of another user is changed with %s', async (login) => {
  const root = await rootConnection('p@ss');
  await root.query("CREATE USER 'reporting'@'%' IDENTIFIED BY 'first'");
  await root.end();
  const user = { 'rotated-username': 'reporting', 'rotated-password': 'first', 'authentication-credentials': login };
  // Its own login needs a schema that it may see.
  await account.database.query("GRANT SELECT ON `shop`.* TO 'reporting'@'%'");
  await create({ 'rotator-type': 'password', ...user });
  await account.api.rotateSecret({ token: account.token, name: '/apps/root' });
  const { username, password } = await value();
  const { host, port } = account.database;
  const connection = await createConnection({ host, port, user: username, password });
  await connection.end();
  await expect(rootLogsIn('p@ss')).resolves.toBe(true);
});

test('one that fails leaves the password as it was, and says why', async () => {
  await create({ 'rotator-type': 'target' });
  await account.stopShopDatabase('p@ss');
  const rotate = account.api.rotateSecret({ token: account.token, name: '/apps/root' });
  await expect(rotate).rejects.toMatchObject({ status: 400, body: { error: expect.stringContaining('failed to rotate') } });
  expect((await value()).password).toBe('p@ss');
  expect(await account.api.describeItem({ token: account.token, name: '/apps/root' })).toMatchObject({
    item_general_info: { rotated_secret_details: { rotator_status: 'RotationFailed' } },
  });
});

function create(fields: object): Promise<unknown> {
  const { token } = account;
  return account.api.rotatedSecretCreateMysql({ token, name: '/apps/root', 'target-name': '/apps/shop-db', ...fields });
}

async function value(): Promise<{ username: string; password: string }> {
  await account.renewToken();
  const answer = await account.api.getRotatedSecretValue({ token: account.token, names: '/apps/root' });
  return answer['value'] as { username: string; password: string };
}

async function rootLogsIn(password: string): Promise<boolean> {
  await (await rootConnection(password)).end();
  return true;
}

/** By the real name of the account that the app's own server calls root. */
function rootConnection(password: string) {
  const { host, port } = account.database;
  return createConnection({ host, port, user: account.database.server('shop/mysql')?.accounts['root']?.user, password });
}
