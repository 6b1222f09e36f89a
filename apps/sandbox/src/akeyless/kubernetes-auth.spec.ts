import type { FastifyInstance } from 'fastify';
import { RequestLog } from '../core/request-log.js';
import { createServer } from '../core/serve.js';
import { AccountUnderTest } from './account-under-test.js';

let account: AccountUnderTest;
let cluster: FastifyInstance;
let accessId: string;
let signingKey: string;

beforeAll(async () => {
  account = await AccountUnderTest.start();
  const { store, clock, faults, host, ports } = account.ctx;
  cluster = await createServer(account.kubernetes.standIn, { store, clock, faults, log: new RequestLog(clock, () => []), latency: new Map() });
  await cluster.listen({ host, port: ports.kubernetes });
}, 90_000);
afterAll(async () => {
  await cluster.close();
  await account.close();
});

beforeEach(async () => {
  await account.reset();
  await account.apply('v1', 'Namespace', undefined, 'shop', {});
  for (const name of ['web', 'other']) await account.apply('v1', 'ServiceAccount', 'shop', name, {});
  const { api, token } = account;
  const method = { name: '/shop', 'bound-namespaces': ['shop'], 'bound-sa-names': ['web'], audience: 'akeyless' };
  ({ access_id: accessId, prv_key: signingKey } = (await api.authMethodCreateK8s({ token, ...method })) as never);
  await createConfig('shop', signingKey);
});

test('a service account logs in with a token that its cluster vouches for, and gets what its sub-claims open', async () => {
  const { api, token } = account;
  await api.createSecret({ token, name: '/apps/key', value: 'x' });
  await api.createRole({ token, name: '/shop' });
  await api.setRoleRule({ token, 'role-name': '/shop', path: '/apps/*', capability: ['read'] });
  await api.assocRoleAuthMethod({ token, 'role-name': '/shop', 'am-name': '/shop', 'sub-claims': { namespace: 'shop' } });
  const issued = await logIn(await serviceAccountToken('web'));
  expect(await api.getSecretValue({ token: issued, names: ['/apps/key'] })).toEqual({ '/apps/key': 'x' });
});

test.each([
  ['another service account', () => serviceAccountToken('other'), /not one that the method is bound to/],
  ['a token for someone else', () => serviceAccountToken('web', 'https://kubernetes.default.svc'), /UnauthorizedAccess/],
  ['a token that the cluster never issued', () => Promise.resolve('a.b.c'), /UnauthorizedAccess/],
])('%s is refused', async (_what, token, message) => {
  await expect(logIn(await token())).rejects.toMatchObject({ status: 401, body: { error: expect.stringMatching(message) } });
});

test('a gateway with another signing key is not believed', async () => {
  const { api, token } = account;
  const other = (await api.authMethodCreateK8s({ token, name: '/other' })) as { prv_key: string };
  await createConfig('forged', other.prv_key);
  await expect(logIn(await serviceAccountToken('web'), 'forged')).rejects.toMatchObject({
    status: 401,
    body: { error: expect.stringContaining('signing key') },
  });
});

test('a cluster that is not there is named, and the token is not blamed', async () => {
  await createConfig('gone', signingKey, 'https://127.0.0.1:1');
  await expect(logIn(await serviceAccountToken('web'), 'gone')).rejects.toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('ECONNREFUSED') },
  });
});

async function createConfig(name: string, key: string, host = `https://127.0.0.1:${account.ctx.ports.kubernetes}`): Promise<void> {
  const { token: reviewer, ca } = account.kubernetes.credentials;
  const config = {
    name,
    'access-id': accessId,
    'signing-key': key,
    'k8s-host': host,
    'k8s-ca-cert': Buffer.from(ca).toString('base64'),
    'token-reviewer-jwt': reviewer,
  };
  await account.api.gatewayCreateK8SAuthConfig({ token: account.token, ...config });
}

async function serviceAccountToken(name: string, audience = 'akeyless'): Promise<string> {
  const response = await cluster.inject({
    method: 'POST',
    url: `/api/v1/namespaces/shop/serviceaccounts/${name}/token`,
    headers: { authorization: `Bearer ${account.kubernetes.credentials.token}` },
    payload: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [audience], expirationSeconds: 600 } },
  });
  return response.json<{ status: { token: string } }>().status.token;
}

async function logIn(jwt: string, config = 'shop'): Promise<string> {
  const shown = Buffer.from(jwt).toString('base64');
  const asked = { 'access-type': 'k8s', 'access-id': accessId, 'k8s-auth-config-name': config, 'k8s-service-account-token': shown };
  return String((await account.api.auth(asked))['token']);
}
