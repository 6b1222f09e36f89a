import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { z } from 'zod';
import { ApiClient } from './api-client.js';
import { cloneRepository, secretValues } from './developer-tools.js';
import { everythingStored } from './everything-stored.js';
import { issueAsPod, podOf } from './pod.js';
import { sampleProcessArguments } from './process-arguments.js';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.js';
import { SandboxClient } from './sandbox-client.js';
import { findSecrets } from './secret-forms.js';
import { serviceValues } from './service-values.js';
import { type Product, startProduct } from './start-product.js';
import { until } from './until.js';

jest.setTimeout(300_000);

describe('secrets, while apps are made, looked at, fail and are removed', () => {
  const secrets = new Map<string, string>();
  const places = new Map<string, string>();
  const proxies: RecordingProxy[] = [];
  const started = Promise.withResolvers<Product>();
  let folder: string;
  let product: Product;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-canary-'));
    const akeyless = await throughProxy('akeyless');
    const argocd = await throughProxy('argocd');
    const overlay = path.join(folder, 'overlay.yaml');
    await writeFile(overlay, stringify({ integrations: { akeyless: { url: akeyless.url }, argocd: { url: argocd.url } } }));
    product = await startProduct({ overlay });
    started.resolve(product);
    const processes = sampleProcessArguments();
    const redis = await watchRedis(product.demo.redisUrl);
    const api = await ApiClient.signIn(product.demo);
    await live(api, new SandboxClient(product.demo.sandbox));
    learnSecrets(akeyless, argocd);
    places.set('process arguments', await processes.stop());
    places.set('what Redis was told', redis.stop());
    for (const [place, text] of await everythingStored(product)) places.set(place, text);
  });
  afterAll(async () => {
    for (const proxy of proxies) proxy.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are known to this test, those that live for seconds too', () => {
    const known = [...secrets.keys()];
    for (const what of ['GitHub token', 'Akeyless token', 'Argo CD session', 'issued password', 'administrator password', 'webhook secret']) {
      expect(known.filter((name) => name.startsWith(what))).not.toEqual([]);
    }
    for (const [what, value] of secrets) expect(`${what} has ${value.length >= 8 ? 'enough' : value.length} letters`).toMatch(/enough/);
  });

  it('are looked for in what the run really left', () => {
    expect([...places.keys()]).toEqual(expect.arrayContaining(['table runs', 'table events', 'log api.log', 'log worker-1.log', 'git history']));
    expect([...places.keys()].some((place) => place.startsWith('redis ') && place.includes('aof'))).toBe(true);
    expect(places.get('process arguments')).toContain('push --atomic');
    expect(places.get('what Redis was told')).toMatch(/r_[0-9a-z]{20}/);
    expect(places.get('git history')).toContain('deploy/deployment.yaml');
    expect(places.get('answers')).toContain('canary');
    expect(places.get('events')).toContain('synced and healthy');
  });

  it('are nowhere', () => {
    expect(findSecrets(places, secrets)).toEqual([]);
  });

  async function throughProxy(system: 'akeyless' | 'argocd'): Promise<RecordingProxy> {
    const proxy = await startRecordingProxy(async () => (await started.promise).demo.sandbox[system].url);
    proxies.push(proxy);
    return proxy;
  }

  /** What people and programs do with an app, every answer kept. */
  async function live(api: ApiClient, sandbox: SandboxClient): Promise<void> {
    const { github } = product.demo.sandbox;
    // A push is over in 40 ms otherwise, and a busy machine misses it: arguments are looked at every few milliseconds.
    await sandbox.setFaults([{ system: 'github', match: { path: '/*/canary.git/git-receive-pack' }, fault: 'slow', delayMs: 1_000 }]);
    const runId = await api.request('deploy_python_flask_app', serviceValues('canary'));
    const run = await api.ended(runId);
    if (run.statusLabel !== 'SUCCEEDED') throw new Error(`The run failed: ${JSON.stringify(run.failure)}`);
    await learnFromCluster();
    await sandbox.setFaults([
      { system: 'github', match: { method: 'POST', path: '/orgs/*/repos' }, fault: 'status', status: 401, body: { message: `Bad credentials: ${github.token}` } },
    ]);
    const failed = await api.request('deploy_python_flask_app', serviceValues('indiscreet'));
    await api.ended(failed);
    await sandbox.clearFaults();
    places.set('git history', (await cloneRepository(`${github.url}/${github.org}/canary.git`, github.token, folder)).history);
    const reads = [runId, failed].flatMap((id) => [`/v1/actions/runs/${id}`, `/v1/actions/runs/${id}/logs?limit=1000`]);
    const answers = [...reads, '/v1/actions/runs', '/v1/actions', '/v1/blueprints/service/entities', '/v1/templates/sources', '/health/ready'].map((read) => api.call('GET', read));
    const plan = api.call('POST', '/v1/actions/deploy_python_flask_app/plan', { properties: serviceValues('planned') });
    const graph = api.graphql('query ($id: ID!) { run(id: $id) { id status inputs failure { message } steps { id status failure { message } } } entity(blueprint: "service", id: "canary") { identifier properties } }', { id: failed });
    places.set('answers', JSON.stringify(await Promise.all([...answers, plan, graph])));
    places.set('events', JSON.stringify([await api.events(runId), await api.events(failed)]));
    await api.ended(await api.request('delete_service', { confirm: 'canary', repository: 'delete' }, 'canary'));
  }

  async function learnFromCluster(): Promise<void> {
    const administrator = await secretValues(product.demo.sandbox, 'canary', 'mysql-canary');
    const { password } = await issueAsPod(await podOf(product.demo.sandbox, 'canary', 'canary'));
    secrets.set('administrator password', administrator['password'] ?? '');
    secrets.set('root password', administrator['root-password'] ?? '');
    secrets.set('issued password of the app', password);
  }

  function learnSecrets(akeyless: RecordingProxy, argocd: RecordingProxy): void {
    const { sandbox, clientSecret, webhookSecret } = product.demo;
    secrets.set('client secret', clientSecret);
    secrets.set('webhook secret', webhookSecret);
    secrets.set('GitHub token', sandbox.github.token);
    secrets.set('Akeyless access key', sandbox.akeyless.accessKey);
    secrets.set('Argo CD password', sandbox.argocd.password);
    secrets.set('cluster token', sandbox.kubernetes.token);
    for (const [what, proxy, at, field] of [
      ['Akeyless token', akeyless, '/auth', 'token'],
      ['issued password', akeyless, '/dynamic-secret-get-value', 'password'],
      ['Argo CD session', argocd, '/api/v1/session', 'token'],
    ] as const) {
      for (const [index, body] of (proxy.answers.get(at) ?? []).entries()) {
        const value = z.record(z.string(), z.unknown()).parse(JSON.parse(body))[field];
        if (typeof value === 'string') secrets.set(`${what} ${index + 1}`, value);
      }
    }
  }
});

/** By the wire itself: on a busy server ioredis takes what comes in one packet with the answer to its MONITOR for answers too. */
async function watchRedis(url: string): Promise<{ stop(): string }> {
  const { hostname, port, username, password } = new URL(url);
  const asked = [...(password ? [`AUTH ${username || 'default'} ${password}`] : []), 'MONITOR'];
  const socket = connect(Number(port), hostname);
  let told = '';
  socket.setEncoding('utf8').on('data', (text: string) => (told += text));
  socket.write(asked.map((line) => `${line}\r\n`).join(''));
  await until(`Redis shows what it is told: ${asked.length} times OK`, () => Promise.resolve(told.startsWith('+OK\r\n'.repeat(asked.length))));
  return {
    stop() {
      socket.destroy();
      return told;
    },
  };
}
