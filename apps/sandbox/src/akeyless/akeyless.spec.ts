import { AccountUnderTest, CREATION, until } from './account-under-test.js';

let account: AccountUnderTest;

beforeAll(async () => {
  account = await AccountUnderTest.start();
}, 90_000);
afterAll(() => account.close());
beforeEach(() => account.reset());

describe('authentication', () => {
  test('tokens expire, and say so when asked', async () => {
    const { api, token, akeyless, ctx } = account;
    expect(await api.validateToken({ token })).toMatchObject({ is_valid: true });
    ctx.clock.advance('PT2H');
    expect(await api.validateToken({ token })).toMatchObject({ is_valid: false });
    await expect(api.targetList({ token })).rejects.toMatchObject({ status: 401 });
    await expect(account.logIn({ ...akeyless.credentials, accessKey: 'wrong' })).rejects.toMatchObject({ status: 401 });
  });

  test('who may not know hears 401, whether or not the item exists', async () => {
    const { api, token, akeyless } = account;
    await api.createSecret({ token, name: '/apps/known', value: 'x' });
    const stranger = await account.logIn(akeyless.credentials.restricted);
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

test('static secrets keep their description, their tags and, when asked, their earlier values', async () => {
  const { api, token } = account;
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
  await api.updateSecretVal({ token, name: '/apps/key', value: 'y', 'keep-prev-version': 'true' });
  await api.updateSecretVal({ token, name: '/apps/key', value: 'z', 'keep-prev-version': 'false' });
  expect(await api.getSecretValue({ token, names: ['/apps/key'] })).toEqual({ '/apps/key': 'z' });
  expect(await api.getSecretValue({ token, names: ['/apps/key'], version: 1 })).toEqual({ '/apps/key': 'x' });
  await expect(api.getSecretValue({ token, names: ['/apps/key'], version: 2 })).rejects.toMatchObject({ status: 404 });
  expect((await api.listItems({ token, path: '/apps' }))['items']).toHaveLength(1);
  await api.deleteItem({ token, name: '/apps/key' });
  await expect(api.describeItem({ token, name: '/apps/key' })).rejects.toMatchObject({ status: 404 });
});

test('what is unknown is refused by name', async () => {
  const { api, token } = account;
  const post = (path: string, body: object) => account.server.inject({ method: 'POST', url: path, payload: { token, ...body } });
  const misnamed = await post('/dynamic-secret-create-mysql', { name: '/apps/x', 'mysql-statements': CREATION });
  expect(misnamed.statusCode).toBe(400);
  expect(misnamed.json().error).toBe('json: unknown field "mysql-statements"');
  expect((await post('/target-create-db', { name: '/apps/x' })).json().error).toMatch(/missing required parameter/);
  expect((await post('/v2/create-gateway-allowed-access', { name: '/r' })).statusCode).toBe(501);
  expect((await post('/set-item-access', { name: '/r' })).json().error).toContain('/set-item-access');
  const roles = (await api.listRoles({ token }))['roles'] as { role_name: string }[];
  expect(roles.map((role) => role.role_name)).toEqual(['/sandbox/admin', '/sandbox/external-secrets', '/sandbox/restricted']);
});

describe('dynamic secrets', () => {
  test('are inactive, and say why, while the database is not reachable', async () => {
    const { api } = account;
    await account.createTarget('p@ss');
    const { dynamic_secret_details: details } = await account.createDynamicSecret();
    expect(details).toMatchObject({ active: false, failure_message: expect.stringContaining('no such host') });
    await expect(account.issue()).rejects.toMatchObject({ status: 400 });
    await account.startShopDatabase('p@ss');
    await api.dynamicSecretDelete({ token: account.token, name: '/apps/shop' });
    expect((await account.createDynamicSecret())['dynamic_secret_details']).toMatchObject({
      active: true,
      metadata: 'of Slipway',
      tags: ['slipway'],
    });
  });

  test('reach the database for as long as its service is ready', async () => {
    await account.startShopDatabase('p@ss');
    await account.createTarget('p@ss');
    await account.createDynamicSecret();
    await account.issue();
    await account.stopShopDatabase('p@ss');
    await expect(account.issue()).rejects.toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/connection refused|no such host/) },
    });
  });

  test('refuse a wrong password of the administrator', async () => {
    await account.startShopDatabase('p@ss');
    await account.createTarget('other');
    const { dynamic_secret_details: details } = await account.createDynamicSecret();
    expect(details).toMatchObject({ active: false, failure_message: expect.stringContaining("Access denied for user 'root'") });
  });

  test.each([' ', ' ;\n'])('run nothing where the statements are but %j, and lease all the same', async (nothing) => {
    await account.startShopDatabase('p@ss');
    await account.createTarget('p@ss');
    await account.createDynamicSecret({ 'mysql-screation-statements': nothing, 'mysql-revocation-statements': nothing });
    const { id, user } = await account.issue();
    expect((await account.database.state()).users).not.toContain(user);
    const { api, token, akeyless } = account;
    await api.dynamicSecretTmpCredsDelete({ token, name: '/apps/shop', 'tmp-creds-id': id });
    expect(await akeyless.state()).toMatchObject({ leases: [] });
  });

  test('issue users that log in, until they are revoked or their time is up', async () => {
    const { api, akeyless, ctx, database } = account;
    await account.startShopDatabase('p@ss');
    await account.createTarget('p@ss');
    await account.createDynamicSecret();
    expect(await api.targetGet({ token: account.token, name: '/apps/shop-db' })).toMatchObject({ comment: 'of Slipway' });
    await expect(api.targetDelete({ token: account.token, name: '/apps/shop-db' })).rejects.toMatchObject({ status: 400 });

    const first = await account.issue();
    expect(first.ttl_in_minutes).toBe('60');
    await expect(account.databaseAnswers(first)).resolves.toBe(true);
    const leases = await api.dynamicSecretTmpCredsGet({ token: account.token, name: '/apps/shop' });
    expect(leases).toMatchObject([{ id: first.id, access_id: akeyless.credentials.accessId, custom_ttl: 60 }]);
    await api.dynamicSecretTmpCredsDelete({ token: account.token, name: '/apps/shop', 'tmp-creds-id': first.id });
    await expect(account.databaseAnswers(first)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });

    const second = await account.issue();
    ctx.clock.advance('PT59M');
    await expect(account.databaseAnswers(second)).resolves.toBe(true);
    ctx.clock.advance('PT1M');
    await account.refusesSoon(second);
    await until(async () => ((await akeyless.state()) as { leases: unknown[] }).leases.length === 0);
    expect((await database.state()).users).not.toContain(second.user);
  });

  test('extend a user, and revoke after a restart what ended meanwhile and nothing else', async () => {
    const { ctx } = account;
    await account.startShopDatabase('p@ss');
    await account.createTarget('p@ss');
    await account.createDynamicSecret();
    const [ending, extended] = [await account.issue(), await account.issue()];
    const host = 'mysql.shop.svc.cluster.local';
    const update = { name: '/apps/shop', host, 'tmp-creds-id': extended.id, 'new-ttl-min': 180 };
    await account.api.dynamicSecretTmpCredsUpdate({ token: account.token, ...update });

    await account.shut();
    ctx.clock.advance('PT2H');
    await expect(account.databaseAnswers(ending)).resolves.toBe(true);
    await account.open();
    await account.refusesSoon(ending);
    await expect(account.databaseAnswers(extended)).resolves.toBe(true);
    ctx.clock.advance('PT1H');
    await account.refusesSoon(extended);
  });

  test('two apps may both call their administrator root', async () => {
    const { api, database } = account;
    await account.startShopDatabase('p@ss');
    await account.startShopDatabase('other', 'blog');
    await account.createTarget('p@ss');
    await account.createDynamicSecret();
    await expect(account.databaseAnswers(await account.issue())).resolves.toBe(true);
    await api.dynamicSecretTmpCredsDelete({ token: account.token, name: '/apps/shop', 'revoke-all': true });
    expect((await database.state()).users.filter((user) => user.startsWith('tmp_'))).toEqual([]);
  });
});

describe('failures', () => {
  test('a user that cannot be revoked stays, is listed, and goes once it can be', async () => {
    const { api, ctx, akeyless } = account;
    await account.startShopDatabase('p@ss');
    await account.createTarget('p@ss');
    await account.createDynamicSecret();
    const issued = await account.issue();
    ctx.faults.set([{ system: 'akeyless', match: { name: '/apps/**' }, fault: 'revocation-fails', probability: 1, seed: 1 }]);
    const revoke = () =>
      api.dynamicSecretTmpCredsDelete({ token: account.token, name: '/apps/shop', 'tmp-creds-id': issued.id });
    await expect(revoke()).rejects.toMatchObject({ status: 400, body: { error: expect.stringContaining('DROP USER failed') } });
    ctx.clock.advance('PT1H');
    await expect(account.databaseAnswers(issued)).resolves.toBe(true);
    expect(await akeyless.state()).toMatchObject({ leases: [{ id: issued.id }] });
    ctx.faults.set([]);
    // Its time is up already: tried again by the clock.
    ctx.clock.advance('PT30S');
    await account.refusesSoon(issued);
  });

  test.each([
    ['is gone', { fault: 'status', status: 404 } as const, 'the customer fragment service answered 404'],
    ['has crashed', { fault: 'status', status: 500 } as const, 'the customer fragment service answered 500'],
    ['is unreachable', { fault: 'reset' } as const, 'EOF'],
  ])('what a customer fragment protects is out of reach while its service %s', async (_what, fault, text) => {
    const { api, token, ctx } = account;
    await api.createDFCKey({ token, name: '/keys/ours', alg: 'AES256GCM', 'customer-frg-id': 'cf-1' });
    await api.createSecret({ token, name: '/apps/sealed', value: 'x', protection_key: '/keys/ours' });
    await api.createSecret({ token, name: '/apps/open', value: 'y' });
    ctx.faults.set([{ system: 'akeyless', match: { path: '/api/derived-key' }, probability: 1, seed: 1, ...fault }]);
    await expect(api.getSecretValue({ token, names: ['/apps/sealed'] })).rejects.toMatchObject({
      status: 500,
      body: { error: expect.stringContaining(text) },
    });
    expect(await api.getSecretValue({ token, names: ['/apps/open'] })).toEqual({ '/apps/open': 'y' });
    ctx.faults.set([]);
    expect(await api.getSecretValue({ token, names: ['/apps/sealed'] })).toEqual({ '/apps/sealed': 'x' });
  });
});
