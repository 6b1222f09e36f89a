import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import type { LightMyRequestResponse } from 'fastify';
import { until } from '../testing/until.js';
import { refused, RunningCluster } from './testing/running-cluster.js';

let cluster: RunningCluster;
let core: CoreV1Api;
let apps: AppsV1Api;
let custom: CustomObjectsApi;

beforeAll(async () => {
  cluster = await RunningCluster.start();
  core = cluster.config.makeApiClient(CoreV1Api);
  apps = cluster.config.makeApiClient(AppsV1Api);
  custom = cluster.config.makeApiClient(CustomObjectsApi);
}, 90_000);

afterAll(() => cluster.close());

beforeEach(() => cluster.reset());

/** As a client in another language would ask, past the official one's types. */
function ask(method: 'GET' | 'POST' | 'PATCH' | 'PUT', url: string, payload?: object, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  const authorization = `Bearer ${cluster.kubernetes.credentials.token}`;
  const type = payload === undefined ? {} : { 'content-type': 'application/json' };
  return cluster.server.inject({ method, url, headers: { authorization, ...type, ...headers }, ...(payload === undefined ? {} : { payload }) });
}

function makeMaps(count: number): Promise<unknown> {
  const body = (index: number) => ({ metadata: { name: `map-${index}`, labels: { parity: index % 2 === 0 ? 'even' : 'odd' } } });
  return Promise.all(Array.from({ length: count }, (_none, index) => core.createNamespacedConfigMap({ namespace: 'default', body: body(index) })));
}

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } },
  },
};

describe('fields', () => {
  const unknown = { ...DEPLOYMENT, spec: { ...DEPLOYMENT.spec, replica: 2, template: { ...DEPLOYMENT.spec.template, spek: {} } } };
  const path = '/apis/apps/v1/namespaces/default/deployments';

  it('that the type does not have are refused, warned of or dropped, as asked', async () => {
    const strict = await ask('POST', `${path}?fieldValidation=Strict`, unknown);
    expect(strict.statusCode).toBe(400);
    expect(strict.json()).toMatchObject({
      reason: 'BadRequest',
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ' +
        'unknown field "spec.template.spek", unknown field "spec.replica"',
    });
    const warned = await ask('POST', path, unknown);
    expect(warned.headers['warning']).toEqual([
      '299 - "unknown field \\"spec.template.spek\\""',
      '299 - "unknown field \\"spec.replica\\""',
    ]);
    expect(warned.json()).not.toHaveProperty('spec.replica');
    const ignored = await ask('PUT', `${path}/web?fieldValidation=Ignore`, unknown);
    expect([ignored.statusCode, ignored.headers['warning']]).toEqual([200, undefined]);
    expect((await ask('POST', `${path}?fieldValidation=Loud`, unknown)).statusCode).toBe(422);
  });

  it('of the wrong type are refused in the words of Go', async () => {
    const wrong = { ...DEPLOYMENT, spec: { ...DEPLOYMENT.spec, replicas: 'two' } };
    expect((await ask('POST', path, wrong)).json()).toMatchObject({
      code: 400,
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: ' +
        'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    });
  });

  it('unknown to the schema cannot be applied at all', async () => {
    const apply = await ask('PATCH', `${path}/web?fieldManager=me`, unknown, { 'content-type': 'application/apply-patch+yaml' });
    expect(apply.json()).toMatchObject({
      code: 500,
      message:
        'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n' +
        '  .spec.template.spek: field not declared in schema\n  .spec.replica: field not declared in schema',
    });
  });

  it('of a patch are refused with what the patch made', async () => {
    await ask('POST', path, DEPLOYMENT);
    const type = { 'content-type': 'application/merge-patch+json' };
    const patched = await ask('PATCH', `${path}/web?fieldValidation=Strict`, { spec: { replica: 2 } }, type);
    expect(patched.json()).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(patched.json<{ message: string }>().message).toMatch(/^ "" is invalid: patch: Invalid value: .*strict decoding error: unknown field "spec.replica"$/);
  });

  it('of custom resources are held against their definitions', async () => {
    const place = { group: 'argoproj.io', version: 'v1alpha1', namespace: 'argocd', plural: 'applications' };
    const create = (spec: object) =>
      custom.createNamespacedCustomObject({ ...place, body: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'shop' }, spec } });
    expect(await refused(create({ project: 'default' }))).toMatchObject({
      code: 422,
      message: 'Application.argoproj.io "shop" is invalid: spec.destination: Required value',
    });
    const refusal = await refused(create({ project: 'default', destination: { namespace: 7 } }));
    expect(refusal.details.causes).toEqual([
      {
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "integer": spec.destination.namespace in body must be of type string: "integer"',
        field: 'spec.destination.namespace',
      },
    ]);
    const external = { ...place, group: 'external-secrets.io', version: 'v1', plural: 'externalsecrets' };
    const body = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'es' }, spec: { dataFrom: [{ extract: { key: 'a' } }] } };
    expect(await custom.createNamespacedCustomObject({ ...external, body })).toMatchObject({
      spec: { refreshInterval: '1h0m0s', target: { creationPolicy: 'Owner', deletionPolicy: 'Retain' } },
    });
  });

  it('are filled in as the API server does', async () => {
    const created = await apps.createNamespacedDeployment({ namespace: 'default', body: DEPLOYMENT });
    expect(created.spec?.template.spec).toMatchObject({
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      containers: [{ imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log' }],
    });
  });
});

describe('writes', () => {
  it('as a dry run are answered and not done', async () => {
    const made = await core.createNamespace({ body: { metadata: { name: 'shop' } }, dryRun: 'All' });
    expect(made.metadata?.uid).toBeDefined();
    expect(await refused(core.readNamespace({ name: 'shop' }))).toMatchObject({ code: 404, message: 'namespaces "shop" not found' });
    await core.deleteNamespace({ name: 'default', dryRun: 'All' });
    expect((await core.readNamespace({ name: 'default' })).status?.phase).toBe('Active');
  });

  it('of a keyed list merge by the keys of the schema', async () => {
    const ports = [{ port: 53, protocol: 'TCP', name: 'tcp' }, { port: 53, protocol: 'UDP', name: 'udp' }];
    await core.createNamespacedService({ namespace: 'default', body: { metadata: { name: 'dns' }, spec: { ports } } });
    const body = { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 53, protocol: 'UDP', targetPort: 5353 }] } };
    const place = { namespace: 'default', name: 'dns', fieldManager: 'me', force: true, body };
    const applied = await core.patchNamespacedService(place, setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply));
    expect(applied.spec?.ports?.map(({ name, targetPort }) => [name, targetPort])).toEqual([['tcp', 53], ['udp', 5353]]);
  });

  it('lead out of no document', async () => {
    await makeMaps(1);
    const patch = (op: object) => core.patchNamespacedConfigMap({ namespace: 'default', name: 'map-0', body: [op] });
    for (const path of ['/__proto__/polluted', '/metadata/constructor/prototype/polluted']) {
      expect(await refused(patch({ op: 'add', path, value: 'yes' }))).toMatchObject({ code: 422 });
    }
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('of protobuf are read', async () => {
    // A ConfigMap {metadata: {name: "shop"}, data: {colour: "blue"}}, as `kubectl create configmap` of 1.33 sends it.
    const object = Buffer.concat([field(1, field(1, 'shop')), field(2, Buffer.concat([field(1, 'colour'), field(2, 'blue')]))]);
    const envelope = Buffer.concat([field(1, Buffer.concat([field(1, 'v1'), field(2, 'ConfigMap')])), field(2, object)]);
    const payload = Buffer.concat([Buffer.from('k8s\0', 'latin1'), envelope]);
    const authorization = `Bearer ${cluster.kubernetes.credentials.token}`;
    const headers = { authorization, 'content-type': 'application/vnd.kubernetes.protobuf' };
    const answer = await cluster.server.inject({ method: 'POST', url: '/api/v1/namespaces/default/configmaps', headers, payload });
    expect(answer.json()).toMatchObject({ metadata: { name: 'shop' }, data: { colour: 'blue' } });
    const broken = await cluster.server.inject({ method: 'POST', url: '/api/v1/namespaces/default/configmaps', headers, payload: payload.subarray(0, 20) });
    expect(broken.statusCode).toBe(400);
  });

  function field(number: number, content: string | Buffer): Buffer {
    const bytes = Buffer.from(content as string);
    return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
  }
});

describe('lists', () => {
  it('come in pages that show one moment', async () => {
    await makeMaps(5);
    const first = await core.listNamespacedConfigMap({ namespace: 'default', limit: 2 });
    expect(first.metadata?.remainingItemCount).toBe(3);
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'map-4' });
    const names = first.items.map(({ metadata }) => metadata?.name);
    let next = first.metadata?._continue;
    while (next) {
      const page = await core.listNamespacedConfigMap({ namespace: 'default', limit: 2, _continue: next });
      expect(page.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
      names.push(...page.items.map(({ metadata }) => metadata?.name));
      next = page.metadata?._continue;
    }
    expect(names).toEqual(['map-0', 'map-1', 'map-2', 'map-3', 'map-4']);
  });

  it('that were left lying are gone', async () => {
    await makeMaps(3);
    const { metadata } = await core.listNamespacedConfigMap({ namespace: 'default', limit: 1 });
    cluster.clock.advance('PT6M');
    const rest = core.listNamespacedConfigMap({ namespace: 'default', limit: 1, _continue: metadata?._continue ?? '' });
    expect(await refused(rest)).toMatchObject({ code: 410, reason: 'Expired' });
  });

  it.each([
    ['parity=even', undefined, ['map-0', 'map-2']],
    ['parity in (odd),parity', undefined, ['map-1']],
    [undefined, 'metadata.name=map-2', ['map-2']],
    [undefined, 'metadata.name!=map-2', ['map-0', 'map-1']],
  ])('select by labels %s and fields %s', async (labelSelector, fieldSelector, names) => {
    await makeMaps(3);
    const query = { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
    const { items } = await core.listNamespacedConfigMap({ namespace: 'default', ...query });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(names);
  });

  it('of the future do not come', async () => {
    const later = core.listNamespace({ resourceVersion: '999999999' });
    expect(await refused(later)).toMatchObject({ code: 504, reason: 'Timeout', message: expect.stringContaining('Too large resource version') });
  });

  it.each([
    ['application/json;as=Table;v=v1;g=meta.k8s.io', 'Table'],
    ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json', 'PartialObjectMetadataList'],
    ['application/json, */*', 'ConfigMapList'],
  ])('look as asked: %s', async (accept, kind) => {
    expect((await ask('GET', '/api/v1/configmaps', undefined, { accept })).json()).toMatchObject({ kind });
    expect((await ask('GET', '/api/v1/configmaps', undefined, { accept: 'text/html' })).statusCode).toBe(406);
  });
});

describe('watches', () => {
  interface Seen {
    events: string[];
    error: { code?: number; reason?: string } | undefined;
    ended: boolean;
    stop: () => void;
  }

  async function watch(query: Record<string, string | boolean>): Promise<Seen> {
    const seen: Seen = { events: [], error: undefined, ended: false, stop: () => undefined };
    const controller = await new Watch(cluster.config).watch(
      '/api/v1/namespaces/default/configmaps',
      query,
      (phase, object: V1ConfigMap & { code?: number; reason?: string }) => {
        if (phase === 'ERROR') seen.error = object;
        else seen.events.push(phase === 'BOOKMARK' ? phase : `${phase} ${object.metadata?.name}`);
      },
      () => (seen.ended = true),
    );
    seen.stop = () => controller.abort();
    return seen;
  }

  const version = async () => (await core.listNamespacedConfigMap({ namespace: 'default' })).metadata?.resourceVersion ?? '';

  it('go on from a version', async () => {
    await makeMaps(1);
    const since = await version();
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'map-0' });
    const seen = await watch({ resourceVersion: since });
    await until(async () => seen.events, (events) => events.length > 0);
    seen.stop();
    expect(seen.events).toEqual(['DELETED map-0']);
  });

  it('mark where they are, though nothing happens', async () => {
    const seen = await watch({ resourceVersion: await version(), allowWatchBookmarks: true });
    cluster.clock.advance('PT1M');
    await until(async () => seen.events, (events) => events.includes('BOOKMARK'));
    seen.stop();
  });

  it('end with 410 where a fault says that the version is gone, and after a restart', async () => {
    const since = await version();
    cluster.fault('watch-expired', 'default/configmaps', { times: 1 });
    const expired = await watch({ resourceVersion: since });
    await until(async () => expired.error, (error) => error !== undefined);
    expect(expired.error).toMatchObject({ code: 410, reason: 'Expired', message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/) });

    await makeMaps(1);
    await cluster.restart();
    const old = await watch({ resourceVersion: since });
    await until(async () => old.error, (error) => error !== undefined);
    expect(old.error).toMatchObject({ code: 410 });
  });

  it('break off where a fault drops them, and can be taken up again', async () => {
    cluster.fault('watch-dropped', 'default/configmaps', { times: 1, delayMs: 50 });
    const seen = await watch({});
    await until(async () => seen.ended, (ended) => ended);
    const again = await watch({});
    await makeMaps(1);
    await until(async () => again.events, (events) => events.includes('ADDED map-0'));
    again.stop();
    expect(seen.events).toEqual([]);
  });
});

describe('discovery', () => {
  it.each([
    ['/api', 'v2', undefined],
    ['/apis', 'v2', 'apps'],
    ['/apis', 'v2beta1', 'apps'],
  ])('of %s comes all at once as %s', async (path, version, group) => {
    const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`;
    const answer = await ask('GET', path, undefined, { accept });
    expect(answer.headers['content-type']).toContain(`v=${version}`);
    const { items } = answer.json<{ items: { metadata: { name?: string }; versions: { resources: object[] }[] }[] }>();
    expect(items.find(({ metadata }) => metadata.name === group)?.versions[0]?.resources.length).toBeGreaterThan(2);
    const etag = String(answer.headers['etag']);
    expect((await ask('GET', path, undefined, { accept, 'if-none-match': etag })).statusCode).toBe(304);
  });

  it('describes every type that is served, in every form', async () => {
    const lists = (await ask('GET', '/apis')).json<{ groups: { preferredVersion: { groupVersion: string } }[] }>();
    const paths = (await ask('GET', '/openapi/v3')).json<{ paths: Record<string, { serverRelativeURL: string }> }>().paths;
    for (const { preferredVersion } of lists.groups.filter(({ preferredVersion: { groupVersion } }) => !groupVersion.startsWith('auth'))) {
      const document = await ask('GET', paths[`apis/${preferredVersion.groupVersion}`]?.serverRelativeURL ?? '');
      expect([preferredVersion.groupVersion, document.statusCode]).toEqual([preferredVersion.groupVersion, 200]);
    }
    const swagger = (await ask('GET', '/openapi/v2')).json<{ definitions: Record<string, { properties: object }> }>();
    expect(Object.keys(swagger.definitions['io.k8s.api.apps.v1.Deployment']?.properties ?? {})).toContain('spec');
    const protobuf = await ask('GET', '/openapi/v2', undefined, { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' });
    expect(protobuf.rawPayload.subarray(0, 5).toString('latin1')).toBe('\n\u00032.0');
  });
});
