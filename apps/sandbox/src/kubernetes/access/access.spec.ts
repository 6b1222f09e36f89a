import {
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
  type RbacV1Subject,
} from '@kubernetes/client-node';
import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose';
import { refused, RunningCluster } from '../testing/running-cluster.js';

let cluster: RunningCluster;
let core: CoreV1Api;
let rbac: RbacAuthorizationV1Api;

beforeAll(async () => {
  cluster = await RunningCluster.start();
  core = cluster.config.makeApiClient(CoreV1Api);
  rbac = cluster.config.makeApiClient(RbacAuthorizationV1Api);
}, 90_000);

afterAll(() => cluster.close());

beforeEach(async () => {
  await cluster.reset();
  await core.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: { name: 'bot' } } });
});

const SUBJECT: RbacV1Subject = { kind: 'ServiceAccount', name: 'bot', namespace: 'default' };

async function grant(rules: object[]): Promise<void> {
  const body = { metadata: { name: 'bot' }, rules: rules as { verbs: string[] }[] };
  await rbac.createNamespacedRole({ namespace: 'default', body });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bot' };
  await rbac.createNamespacedRoleBinding({ namespace: 'default', body: { metadata: { name: 'bot' }, roleRef, subjects: [SUBJECT] } });
}

async function tokenOf(name: string, spec: object = {}): Promise<string> {
  const body = { spec: { audiences: [], ...spec } };
  const request = await core.createNamespacedServiceAccountToken({ namespace: 'default', name, body });
  return request.status?.token ?? '';
}

const asBot = async () => cluster.configFor(await tokenOf('bot'));

const WHO = 'User "system:serviceaccount:default:bot"';

describe('what a role grants and nothing more', () => {
  const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
  const oneSecret = { apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get'] };

  it('lets a service account do what is bound to it', async () => {
    await grant([pods, oneSecret]);
    const mine = (await asBot()).makeApiClient(CoreV1Api);
    expect((await mine.listNamespacedPod({ namespace: 'default' })).items).toEqual([]);
    await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 'mine' } } });
    expect((await mine.readNamespacedSecret({ namespace: 'default', name: 'mine' })).metadata?.name).toBe('mine');
  });

  it.each([
    ['another verb', (api: CoreV1Api) => api.deleteNamespacedPod({ namespace: 'default', name: 'a' }), `pods "a" is forbidden: ${WHO} cannot delete resource "pods" in API group "" in the namespace "default"`],
    ['another name', (api: CoreV1Api) => api.readNamespacedSecret({ namespace: 'default', name: 'b' }), `secrets "b" is forbidden: ${WHO} cannot get resource "secrets" in API group "" in the namespace "default"`],
    ['another namespace', (api: CoreV1Api) => api.listNamespacedPod({ namespace: 'argocd' }), `pods is forbidden: ${WHO} cannot list resource "pods" in API group "" in the namespace "argocd"`],
    ['the whole cluster', (api: CoreV1Api) => api.listPodForAllNamespaces(), `pods is forbidden: ${WHO} cannot list resource "pods" in API group "" at the cluster scope`],
    ['a subresource', (api: CoreV1Api) => api.readNamespacedPodLog({ namespace: 'default', name: 'a' }), `pods "a" is forbidden: ${WHO} cannot get resource "pods/log" in API group "" in the namespace "default"`],
  ])('refuses %s', async (_what, call, message) => {
    await grant([pods, oneSecret]);
    expect(await refused(call((await asBot()).makeApiClient(CoreV1Api)))).toMatchObject({ code: 403, reason: 'Forbidden', message });
  });

  it('says which role a binding misses', async () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'gone' };
    await rbac.createNamespacedRoleBinding({ namespace: 'default', body: { metadata: { name: 'x' }, roleRef, subjects: [SUBJECT] } });
    const refusal = await refused((await asBot()).makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'default' }));
    expect(refusal.message).toMatch(/: RBAC: role.rbac.authorization.k8s.io "gone" not found$/);
  });

  it('needs the right to create where an apply finds nothing', async () => {
    await grant([{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }]);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } };
    const call = (await asBot())
      .makeApiClient(CoreV1Api)
      .patchNamespacedConfigMap({ namespace: 'default', name: 'c', fieldManager: 'f', body }, setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply));
    expect((await refused(call)).message).toContain('cannot create resource "configmaps"');
  });

  it('nobody grants what they do not hold', async () => {
    await grant([pods, { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] }]);
    const own = (await asBot()).makeApiClient(RbacAuthorizationV1Api);
    const role = (rules: object[]) => ({ namespace: 'default', body: { metadata: { name: 'more' }, rules: rules as { verbs: string[] }[] } });
    const refusal = await refused(own.createNamespacedRole(role([{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }])));
    expect(refusal.message).toContain('roles.rbac.authorization.k8s.io "more" is forbidden: user "system:serviceaccount:default:bot" (groups=[');
    expect(refusal.message).toContain('is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}');
    expect((await own.createNamespacedRole(role([pods]))).metadata?.name).toBe('more');
  });
});

describe('tokens', () => {
  it('are checked by whoever knows where the keys are published', async () => {
    const token = await tokenOf('bot', { audiences: ['vault'], expirationSeconds: 600 });
    const open = (path: string) => cluster.server.inject({ url: path }).then((answer) => answer.json<Record<string, string>>());
    const { issuer, jwks_uri } = await open('/.well-known/openid-configuration');
    const published = async (url: string | URL) => new Response(JSON.stringify(await open(new URL(url).pathname)));
    const keys = createRemoteJWKSet(new URL(jwks_uri ?? ''), { [customFetch]: published });
    const { payload } = await jwtVerify(token, keys, { issuer: issuer ?? '', audience: 'vault' });
    expect(payload).toMatchObject({ sub: 'system:serviceaccount:default:bot', 'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'bot' } } });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  });

  it('end with their time by the sandbox clock, with their account, and with what they are bound to', async () => {
    await grant([{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]);
    const list = (token: string) => cluster.configFor(token).makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace: 'default' });
    await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 'anchor' } } });
    const bound = await tokenOf('bot', { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'anchor' } });
    await list(bound);
    await core.deleteNamespacedSecret({ namespace: 'default', name: 'anchor' });
    expect(await refused(list(bound))).toMatchObject({ code: 401 });

    const short = await tokenOf('bot', { expirationSeconds: 600 });
    await list(short);
    cluster.clock.advance('PT10M1S');
    expect(await refused(list(short))).toMatchObject({ code: 401 });

    const orphaned = await tokenOf('bot');
    await list(orphaned);
    await core.deleteNamespacedServiceAccount({ namespace: 'default', name: 'bot' });
    await core.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: { name: 'bot' } } });
    expect(await refused(list(orphaned))).toMatchObject({ code: 401 });
  });

  it('are no good for anybody else, nor forged', async () => {
    const foreign = await tokenOf('bot', { audiences: ['vault'] });
    const [head, , signature] = (await tokenOf('bot')).split('.');
    const claims = { ...decodeJwt(await tokenOf('bot')), sub: 'system:serviceaccount:kube-system:root' };
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    for (const token of [foreign, forged, 'nonsense']) {
      expect(await refused(cluster.configFor(token).makeApiClient(CoreV1Api).listNamespace())).toMatchObject({ code: 401 });
    }
    expect(await refused(tokenOf('bot', { expirationSeconds: 60 }))).toMatchObject({
      code: 422,
      message: 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    });
    expect(await refused(tokenOf('nobody'))).toMatchObject({ code: 404, message: 'serviceaccounts "nobody" not found' });
  });

  it('of a Secret last until the Secret goes', async () => {
    const annotations = { 'kubernetes.io/service-account.name': 'bot' };
    const body = { metadata: { name: 'lasting', annotations }, type: 'kubernetes.io/service-account-token' };
    await core.createNamespacedSecret({ namespace: 'default', body });
    const read = async () => (await core.readNamespacedSecret({ namespace: 'default', name: 'lasting' })).data?.['token'];
    let token = await read();
    while (token === undefined) token = await read();
    const review = () => reviewed(Buffer.from(token, 'base64').toString());
    cluster.clock.advance('P365D');
    expect(await review()).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:bot' } });
    await core.deleteNamespacedSecret({ namespace: 'default', name: 'lasting' });
    expect((await review())?.authenticated).toBeUndefined();
  });

  async function reviewed(token: string, audiences?: string[]) {
    const body = { spec: { token, ...(audiences ? { audiences } : {}) } };
    return (await cluster.config.makeApiClient(AuthenticationV1Api).createTokenReview({ body })).status;
  }

  it('are reviewed for those who ask, by audience', async () => {
    const token = await tokenOf('bot', { audiences: ['vault', 'other'] });
    expect(await reviewed(token, ['vault'])).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
      user: { username: 'system:serviceaccount:default:bot', groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] },
    });
    expect((await reviewed(token))?.authenticated).toBeUndefined();
  });
});

describe('reviews', () => {
  it('agree with what is then allowed', async () => {
    await grant([{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] }]);
    const config = await asBot();
    const authorization = config.makeApiClient(AuthorizationV1Api);
    const ask = async (verb: string) => {
      const resourceAttributes = { namespace: 'default', verb, group: 'apps', resource: 'deployments' };
      return (await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })).status;
    };
    expect(await ask('get')).toEqual({ allowed: true, reason: `RBAC: allowed by RoleBinding "bot/default" of Role "bot" to ServiceAccount "bot/default"` });
    expect(await ask('delete')).toEqual({ allowed: false });
    const rules = await authorization.createSelfSubjectRulesReview({ body: { spec: { namespace: 'default' } } });
    expect(rules.status?.resourceRules).toContainEqual({ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] });
    const self = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
    expect(self.status?.userInfo?.username).toBe('system:serviceaccount:default:bot');
  });

  it('a restart changes neither tokens nor keys', async () => {
    const token = await tokenOf('bot');
    const keys = (await cluster.server.inject({ url: '/openid/v1/jwks' })).json<object>();
    await cluster.restart();
    expect((await cluster.server.inject({ url: '/openid/v1/jwks' })).json()).toEqual(keys);
    const self = await cluster.configFor(token).makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
    expect(self.status?.userInfo?.username).toBe('system:serviceaccount:default:bot');
  });
});
