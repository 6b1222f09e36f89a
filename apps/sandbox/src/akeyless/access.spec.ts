import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { AccountUnderTest } from './account-under-test.js';

let account: AccountUnderTest;
let issuer: Issuer;

beforeAll(async () => {
  account = await AccountUnderTest.start();
  issuer = await Issuer.listen();
}, 90_000);
afterAll(async () => {
  await account.close();
  await issuer.close();
});
beforeEach(() => account.reset());

describe('roles', () => {
  test('give exactly what their rules say, kind by kind, from the moment they say it', async () => {
    const { api, token } = account;
    await api.createSecret({ token, name: '/apps/shop/key', value: 'x' });
    const { access_id: accessId, access_key: accessKey } = (await api.authMethodCreateApiKey({ token, name: '/apps/shop' })) as Record<string, string>;
    const caller = await account.logIn({ accessId: accessId!, accessKey: accessKey! });
    const read = () => api.getSecretValue({ token: caller, names: ['/apps/shop/key'] });
    await expect(read()).rejects.toMatchObject({ status: 401 });

    await api.createRole({ token, name: '/apps/shop' });
    await api.assocRoleAuthMethod({ token, 'role-name': '/apps/shop', 'am-name': '/apps/shop' });
    await api.setRoleRule({ token, 'role-name': '/apps/shop', path: '/apps/shop/*', capability: ['read'] });
    expect(await read()).toEqual({ '/apps/shop/key': 'x' });
    const secret = { token: caller, name: '/apps/shop/key', value: 'y' };
    await expect(api.updateSecretVal(secret)).rejects.toMatchObject({ status: 401 });
    await expect(api.targetGet({ token: caller, name: '/apps/shop/db' })).rejects.toMatchObject({ status: 401 });
    await api.setRoleRule({ token, 'role-name': '/apps/shop', path: '/apps/shop/*', capability: ['read'], 'rule-type': 'target-rule' });
    await expect(api.targetGet({ token: caller, name: '/apps/shop/db' })).rejects.toMatchObject({ status: 404 });

    await api.setRoleRule({ token, 'role-name': '/apps/shop', path: '/apps/shop/key', capability: ['deny'] });
    await expect(read()).rejects.toMatchObject({ status: 401 });
    await api.deleteRoleRule({ token, 'role-name': '/apps/shop', path: '/apps/shop/key' });
    expect(await read()).toEqual({ '/apps/shop/key': 'x' });
    await api.authMethodDelete({ token, name: '/apps/shop' });
    await expect(read()).rejects.toMatchObject({ status: 401 });
  });

  test('are themselves behind rules', async () => {
    const { api, akeyless } = account;
    const token = await account.logIn(akeyless.credentials.restricted);
    await expect(api.createRole({ token, name: '/mine' })).rejects.toMatchObject({ status: 401 });
    await expect(api.setRoleRule({ token, 'role-name': '/sandbox/restricted', path: '/*', capability: ['read'] })).rejects.toMatchObject({
      status: 401,
    });
  });
});

describe('jwt', () => {
  beforeEach(async () => {
    const { api, token } = account;
    const bound = { issuer: issuer.url, audience: 'akeyless', 'jwks-uri': `${issuer.url}/keys` };
    await api.authMethodCreateOauth2({ token, name: '/ci', 'unique-identifier': 'repository_id', 'force-sub-claims': true, ...bound });
    await api.createRole({ token, name: '/ci' });
    await api.setRoleRule({ token, 'role-name': '/ci', path: '/apps/*', capability: ['read'] });
    await api.createSecret({ token, name: '/apps/key', value: 'x' });
  });

  test('is taken where the issuer signed it for us, and for no longer than it lives', async () => {
    await expect(logIn(await issuer.token({ repository_id: 7 }))).resolves.toMatch(/^t-/);
    const foreign = await Issuer.listen();
    await expect(logIn(await foreign.token({ repository_id: 7 }, issuer.url))).rejects.toMatchObject({ status: 401 });
    await foreign.close();
    await expect(logIn(await issuer.token({ repository_id: 7, aud: 'others' }))).rejects.toMatchObject({ status: 401 });
    await expect(logIn(await issuer.token({}))).rejects.toMatchObject({
      status: 401,
      body: { error: expect.stringContaining('repository_id') },
    });
    const late = await issuer.token({ repository_id: 7 });
    account.ctx.clock.advance('PT1H');
    await expect(logIn(late)).rejects.toMatchObject({ status: 401, body: { error: expect.stringContaining('exp') } });
  });

  test('opens only what its sub-claims are associated with', async () => {
    const { api, token } = account;
    const role = { token, 'role-name': '/ci', 'am-name': '/ci' };
    await expect(api.assocRoleAuthMethod(role)).rejects.toMatchObject({ status: 400 });
    const claims = { repository_id: '7', environment: 'staging,prod-*' };
    const { assoc_id: id } = await api.assocRoleAuthMethod({ ...role, 'sub-claims': claims });
    const read = async (payload: JWTPayload) =>
      api.getSecretValue({ token: await logIn(await issuer.token(payload)), names: ['/apps/key'] });
    await expect(read({ repository_id: 7, environment: 'prod-eu' })).resolves.toEqual({ '/apps/key': 'x' });
    await expect(read({ repository_id: 7, environment: 'dev' })).rejects.toMatchObject({ status: 401 });
    await expect(read({ repository_id: 8, environment: 'staging' })).rejects.toMatchObject({ status: 401 });
    await expect(read({ repository_id: 7 })).rejects.toMatchObject({ status: 401 });
    await api.updateAssoc({ token, 'assoc-id': id, 'sub-claims': { repository_id: '8' } });
    await expect(read({ repository_id: 8 })).resolves.toEqual({ '/apps/key': 'x' });
    await api.deleteRoleAssociation({ token, 'assoc-id': id });
    await expect(read({ repository_id: 8 })).rejects.toMatchObject({ status: 401 });
  });

  async function logIn(jwt: string): Promise<string> {
    await account.renewToken();
    const found = await account.api.authMethodGet({ token: account.token, name: '/ci' });
    const answer = await account.api.auth({ 'access-type': 'jwt', 'access-id': found['auth_method_access_id'], jwt });
    return String(answer['token']);
  }
});

/** Signs tokens and publishes its key over HTTP, as the issuer of a CI system does. */
class Issuer {
  static async listen(): Promise<Issuer> {
    const keys = await generateKeyPair('RS256');
    const published = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] };
    const server = createServer((_request, response) => response.end(JSON.stringify(published)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Issuer(server, keys.privateKey);
  }

  private constructor(
    private readonly server: Server,
    private readonly key: CryptoKey,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  token(payload: JWTPayload, issuer = this.url): Promise<string> {
    const now = Math.floor(account.ctx.clock.now() / 1000);
    return new SignJWT({ aud: 'akeyless', ...payload })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + 600)
      .sign(this.key);
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
