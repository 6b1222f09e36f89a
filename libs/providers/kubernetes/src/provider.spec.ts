import type { Provider, StepDefinition } from '@slipway/engine';
import { createStepRig, exerciseStep, failureOf, sandboxForSuite, stepOf, type StepScene } from '@slipway/engine/testing';
import { kubernetesProvider } from './provider.js';

const sandbox = sandboxForSuite();
let provider: Provider;
let names = 0;

beforeAll(() => {
  provider = kubernetesProvider({ kubeconfig: sandbox.kubeconfig }, { protect: () => undefined });
});

const step = (id: string): StepDefinition => stepOf(provider, id);

function rig(options: { secrets?: Record<string, string>; deadlineMs?: number } = {}) {
  return createStepRig({ kinds: provider.kinds, ...options });
}

/** A name nobody else uses. */
function fresh(): string {
  names += 1;
  return `shop-${process.pid}-${names}`;
}

async function someNamespace(): Promise<string> {
  const name = fresh();
  await sandbox.callCluster('POST', '/api/v1/namespaces', { metadata: { name } });
  return name;
}

async function data(namespace: string, name: string): Promise<Record<string, string>> {
  const { body } = await sandbox.callCluster('GET', `/api/v1/namespaces/${namespace}/secrets/${name}`);
  const entries = Object.entries((body['data'] ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

async function countAt(path: string): Promise<number> {
  return (await sandbox.callCluster('GET', path)).status === 200 ? 1 : 0;
}

exerciseStep('kubernetes:namespace', async (): Promise<StepScene> => {
  const name = fresh();
  const path = `/api/v1/namespaces/${name}`;
  return {
    step: step('kubernetes:namespace'),
    kinds: provider.kinds,
    input: { name },
    makes: ['kubernetes:namespace'],
    count: () => countAt(path),
    foreign: {
      async make() {
        await sandbox.callCluster('POST', '/api/v1/namespaces', {
          metadata: { name, labels: { 'slipway.dev/owner': 'r_somebody_else' } },
        });
      },
      look: () => sandbox.callCluster('GET', path),
      code: 'kubernetes_namespace_taken',
    },
  };
});

exerciseStep('kubernetes:secret', async (): Promise<StepScene> => {
  const namespace = await someNamespace();
  const path = `/api/v1/namespaces/${namespace}/secrets/mysql-shop`;
  return {
    step: step('kubernetes:secret'),
    kinds: provider.kinds,
    input: {
      namespace,
      name: 'mysql-shop',
      data: { database: 'shop' },
      generate: { password: { length: 32 } },
      from: { token: 'env:TOKEN' },
    },
    secrets: { 'env:TOKEN': 'a-token-from-elsewhere' },
    makes: ['kubernetes:secret'],
    count: () => countAt(path),
    foreign: {
      async make() {
        await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/secrets`, {
          metadata: { name: 'mysql-shop' },
          data: { password: 'eA==' },
        });
      },
      look: () => sandbox.callCluster('GET', path),
      code: 'kubernetes_secret_taken',
    },
  };
});

exerciseStep(
  'kubernetes:wait',
  async (): Promise<StepScene> => {
    const namespace = await someNamespace();
    await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'settings' } });
    const input = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings', for: 'exists' };
    return { step: step('kubernetes:wait'), kinds: provider.kinds, input, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'it waits' },
);

describe('kubernetes:namespace', () => {
  it('refuses one without a mark, by name', async () => {
    const name = await someNamespace();
    const error = await failureOf(rig().run(step('kubernetes:namespace'), { name }));
    expect(error).toMatchObject({ code: 'kubernetes_namespace_taken', classification: 'fatal' });
    expect(error.message).toContain(name);
  });

  it('waits for one of the same name that is still being deleted', async () => {
    const name = fresh();
    const finalizers = ['test.example/hold'];
    const labels = { 'slipway.dev/owner': 'r_before' };
    await sandbox.callCluster('POST', '/api/v1/namespaces', { metadata: { name, labels } });
    await sandbox.callCluster('POST', `/api/v1/namespaces/${name}/configmaps`, { metadata: { name: 'held', finalizers } });
    await sandbox.callCluster('DELETE', `/api/v1/namespaces/${name}`);
    const one = rig();
    expect(await step('kubernetes:namespace').run(one.context(), { name })).toMatchObject({
      wait: { reason: expect.stringContaining(name) },
    });
    const late = one.context({ startedAt: new Date(Date.now() - 6 * 60_000) });
    expect(await failureOf(step('kubernetes:namespace').run(late, { name }))).toMatchObject({
      code: 'kubernetes_namespace_taken',
    });
    expect(one.ledger.rows).toEqual([]);
  });

  it('takes a lost answer for what it is, and finds its namespace again', async () => {
    const name = fresh();
    const one = rig();
    await sandbox.fault({
      system: 'kubernetes',
      match: { method: 'POST', path: '/api/v1/namespaces' },
      fault: 'applied-then-timeout',
      delayMs: 100,
      times: 1,
    });
    expect(await failureOf(step('kubernetes:namespace').run(one.context(), { name }))).toMatchObject({ classification: 'lost' });
    expect(await one.run(step('kubernetes:namespace'), { name })).toEqual({ name });
    await one.undo();
    expect(await countAt(`/api/v1/namespaces/${name}`)).toBe(0);
  });
});

describe('kubernetes:secret', () => {
  const input = (namespace: string) => ({ namespace, name: 'mysql-shop', data: { user: 'shop' }, generate: { password: {} } });

  it('generates once and never replaces; what is given follows its source', async () => {
    const namespace = await someNamespace();
    const one = rig();
    const output = await one.run(step('kubernetes:secret'), input(namespace));
    expect(output).toMatchObject({ references: { password: `kubernetes:${namespace}/mysql-shop#password` } });
    const before = await data(namespace, 'mysql-shop');
    expect(before['password']).toHaveLength(32);
    expect(one.values).toContain(before['password']);

    await one.run(step('kubernetes:secret'), { ...input(namespace), data: { user: 'shop2' } });
    expect(await data(namespace, 'mysql-shop')).toEqual({ ...before, user: 'shop2' });
  });

  it('never refills a secret that was born without a key', async () => {
    const namespace = await someNamespace();
    const one = rig();
    await one.run(step('kubernetes:secret'), input(namespace));
    const more = { ...input(namespace), generate: { password: {}, root: {} } };
    expect(await failureOf(one.run(step('kubernetes:secret'), more))).toMatchObject({ code: 'kubernetes_secret_incomplete' });
  });

  it('shows who owns a key that somebody else has changed, and leaves it to them', async () => {
    const namespace = await someNamespace();
    const one = rig();
    await one.run(step('kubernetes:secret'), input(namespace));
    const path = `/api/v1/namespaces/${namespace}/secrets/mysql-shop`;
    const { body } = await sandbox.callCluster('GET', path);
    await sandbox.callCluster('PUT', `${path}?fieldManager=kubectl`, {
      ...body,
      data: { ...(body['data'] as object), user: 'b3RoZXI=' },
    });
    const error = await failureOf(one.run(step('kubernetes:secret'), input(namespace)));
    expect(error).toMatchObject({ code: 'kubernetes_conflict', classification: 'fatal' });
    expect(error.message).toContain('kubectl');
    expect((await data(namespace, 'mysql-shop'))['user']).toBe('other');
  });

  it.each([
    [{}, 'must name at least one key'],
    [{ data: { a: '1' }, generate: { a: {} } }, 'each key once'],
    [{ generate: { 'a#b': {} } }, 'letters, digits'],
    [{ generate: { a: { length: 8 } } }, '>=16'],
  ])('refuses %j', (rest, message) => {
    const parsed = step('kubernetes:secret').input.safeParse({ namespace: 'shop', name: 'mysql-shop', ...rest });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});

describe('kubernetes:wait', () => {
  const wait = () => step('kubernetes:wait');
  const stateful = (namespace: string, name: string) => ({ apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name });

  it('says what is missing, then that it is there', async () => {
    const namespace = await someNamespace();
    const one = rig();
    const look = (rest: object) =>
      wait().run(one.context(), wait().input.parse({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'shop', ...rest }));
    expect(await look({ for: 'exists' })).toEqual({
      wait: { afterMs: expect.any(Number), reason: `ConfigMap shop does not exist yet in namespace ${namespace}` },
    });
    expect(await look({ for: 'deleted' })).toEqual({ output: {} });
    await sandbox.callCluster('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'shop' } });
    expect(await look({ for: 'ready' })).toEqual({ output: {} });
    expect(await look({ for: 'deleted' })).toMatchObject({ wait: { reason: 'ConfigMap shop still exists' } });
  });

  it('waits for a kind that the cluster does not serve yet', async () => {
    const input = wait().input.parse({ apiVersion: 'example.com/v1', kind: 'Thing', namespace: 'shop', name: 'one' });
    expect(await wait().run(rig().context(), input)).toMatchObject({
      wait: { reason: expect.stringContaining('Thing one does not exist') },
    });
  });

  it('ends with what is missing once the deadline has passed', async () => {
    const namespace = await someNamespace();
    const input = wait().input.parse({ ...stateful(namespace, 'mysql-shop'), deadline: '30s' });
    const late = rig().context({ startedAt: new Date(Date.now() - 31_000) });
    const error = await failureOf(wait().run(late, input));
    expect(error).toMatchObject({ classification: 'fatal', code: 'kubernetes_not_ready' });
    expect(error.message).toMatch(/StatefulSet mysql-shop does not exist yet .* after waiting for 31 seconds/);
  });

  it('waits for a database of its own until its replica is ready', async () => {
    const namespace = await someNamespace();
    const one = rig({ deadlineMs: 60_000 });
    await one.run(step('kubernetes:secret'), { namespace, name: 'mysql-shop', generate: { password: {} } });
    await sandbox.callCluster(
      'POST',
      `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
      database('mysql-shop', `s${process.pid}x${names}`),
    );
    const first = await wait().run(one.context(), wait().input.parse(stateful(namespace, 'mysql-shop')));
    expect(first).toMatchObject({
      wait: { reason: expect.stringMatching(/^StatefulSet mysql-shop has (0 of 1 replicas ready|a change)/) },
    });
    expect(await one.run(wait(), stateful(namespace, 'mysql-shop'))).toEqual({});
  }, 70_000);
});

describe('references', () => {
  it('resolve to the value, and say what is missing', async () => {
    const namespace = await someNamespace();
    await rig().run(step('kubernetes:secret'), { namespace, name: 'mysql-shop', data: { user: 'shöp' } });
    expect(await provider.secrets?.resolve(`${namespace}/mysql-shop`, 'user')).toBe('shöp');
    for (const [path, key] of [
      [`${namespace}/mysql-shop`, 'nope'],
      [`${namespace}/nope`, 'user'],
      ['nope', 'user'],
      [`${namespace}/mysql-shop`, undefined],
    ] as const) {
      const error = await failureOf(provider.secrets?.resolve(path, key) ?? Promise.resolve());
      expect(error).toMatchObject({ classification: 'fatal', code: 'secret_not_found' });
      expect(error.message).toContain(`kubernetes:${path}`);
    }
  });

  it('are unavailable while the cluster is', async () => {
    await sandbox.fault(
      { system: 'kubernetes', match: { path: '/api/v1/namespaces/shop/secrets/mysql' }, fault: 'status', status: 503 },
    );
    const error = await failureOf(provider.secrets?.resolve('shop/mysql', 'user') ?? Promise.resolve());
    expect(error).toMatchObject({ classification: 'retry', code: 'secret_unavailable' });
  });
});

describe('the provider', () => {
  it('is healthy, and says what to do where it is not', async () => {
    expect(await provider.health?.(AbortSignal.timeout(5_000))).toMatchObject({
      ok: true,
      detail: expect.stringContaining(sandbox.kubernetes.url),
    });
    await sandbox.fault({ system: 'kubernetes', match: { path: '/version' }, fault: 'status', status: 500 });
    expect(await provider.health?.(AbortSignal.timeout(5_000))).toMatchObject({ ok: false });
  });

  it('redacts the credential of its kubeconfig', () => {
    const values: string[] = [];
    kubernetesProvider({ kubeconfig: sandbox.kubeconfig }, { protect: (value) => values.push(value) });
    expect(values).toContain(sandbox.kubernetes.token);
  });

  it('follows the signal of whoever calls', async () => {
    await sandbox.fault(
      { system: 'kubernetes', match: { method: 'POST', path: '/api/v1/namespaces' }, fault: 'slow', delayMs: 10_000 },
    );
    const one = rig();
    const signal = AbortSignal.timeout(300);
    const error = await failureOf(step('kubernetes:namespace').run(one.context({ signal }), { name: fresh() }));
    expect(error.classification).toBe('lost');
  });
});

function database(name: string, schema: string): object {
  const labels = { app: name };
  const password = { name: 'MARIADB_ROOT_PASSWORD', valueFrom: { secretKeyRef: { name, key: 'password' } } };
  const container = { name: 'mariadb', image: 'mariadb:11.4', env: [password, { name: 'MARIADB_DATABASE', value: schema }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}
