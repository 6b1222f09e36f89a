import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import mysql from 'mysql2/promise';
import { z } from 'zod';
import { ApiClient, type Entity, type HistoryEvent } from './api-client.js';
import { cloneRepository, getFromCluster } from './developer-tools.js';
import { GithubClient } from './github-client.js';
import { issueAsPod, podOf } from './pod.js';
import { SandboxClient } from './sandbox-client.js';
import { serviceValues } from './service-values.js';
import { type Product, startProduct } from './start-product.js';
import { until } from './until.js';
import { dispatch, issueAsWorkflow, latestRun } from './workflow-job.js';

// The whole product starts, does its main job and stops.
jest.setTimeout(180_000);

describe('a Python Flask service with a MySQL database, from a form to a running app and back to nothing', () => {
  let product: Product;
  let api: ApiClient;
  let sandbox: SandboxClient;
  let folder: string;
  let before: Record<string, unknown>;
  let runId: string;
  const values = serviceValues('shop');

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-clone-'));
    product = await startProduct();
    api = await ApiClient.signIn(product.demo);
    sandbox = new SandboxClient(product.demo.sandbox);
    before = await sandbox.holds();
  });
  afterAll(async () => {
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe('a request that breaks a rule', () => {
    it.each<[string, Record<string, unknown>, string]>([
      ['an upper-case name', { app_name: 'Shop' }, 'properties.app_name'],
      ['a name that ends in a dash', { app_name: 'shop-' }, 'properties.app_name'],
      ['SQL in a name', { app_name: "'; drop table runs" }, 'properties.app_name'],
      ['a shell in a name', { repo_name: '$(id)' }, 'properties.repo_name'],
      ['a path in a name', { repo_name: '../../etc' }, 'properties.repo_name'],
      ['an option for a name', { namespace: '-rf' }, 'properties.namespace'],
      ['YAML in a name', { namespace: 'a\nb: c' }, 'properties.namespace'],
      ['a name too long for its system', { namespace: 'n'.repeat(64) }, 'properties.namespace'],
      ['a dash in a database name', { db_name: 'shop-db' }, 'properties.db_name'],
      ['a database name too long', { db_name: 'd'.repeat(33) }, 'properties.db_name'],
      ['NUL in a name', { db_name: 'a\0b' }, 'properties.db_name'],
      ['writing from right to left in a name', { app_name: 'sh\u202eop' }, 'properties.app_name'],
      ['a number for a name', { app_name: 7 }, 'properties.app_name'],
      ['something nobody asked for', { colour: 'blue' }, 'properties.colour'],
    ])('%s is refused with its field', async (_what, change, field) => {
      const answer = await api.call('POST', '/v1/actions/deploy_python_flask_app/runs', { properties: { ...values, ...change } });
      expect(answer).toMatchObject({ status: 422, body: { ok: false, error: 'invalid_input' } });
      const details = z.array(z.object({ path: z.string(), code: z.string(), message: z.string().min(10) })).parse(answer.body['details']);
      expect(details.map((detail) => detail.path)).toContain(field);
    });

    it('names every field at once', async () => {
      const { body } = await api.call('POST', '/v1/actions/deploy_python_flask_app/runs', { properties: { app_name: 'A', db_name: 'b-c' } });
      const paths = z.array(z.object({ path: z.string() })).parse(body['details']).map((detail) => detail.path);
      expect(new Set(paths)).toEqual(new Set(['properties.app_name', 'properties.db_name', 'properties.repo_name', 'properties.namespace']));
    });

    it('an action nobody has is 404', async () => {
      expect(await api.call('POST', '/v1/actions/launch_rocket/runs', { properties: {} })).toMatchObject({ status: 404, body: { error: 'not_found' } });
    });

    it('no token is 401, and a body that is no JSON is 400', async () => {
      const url = `${product.demo.url}/v1/actions/deploy_python_flask_app/runs`;
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(url, { method: 'POST', body: '{}', headers })).status).toBe(401);
      expect((await fetch(url, { method: 'POST', body: 'neither JSON nor a token' })).status).toBe(401);
      expect((await fetch(`${product.demo.url}/graphql`, { method: 'POST', body: '{}', headers })).status).toBe(401);
      const broken = await fetch(`${product.demo.url}/v1/auth/access_token`, { method: 'POST', body: '{', headers });
      expect(broken.status).toBe(400);
    });

    it('leaves nothing behind', async () => {
      expect(await sandbox.holds()).toEqual(before);
      expect((await api.call('GET', '/v1/blueprints/service/entities')).body['entities']).toEqual([]);
    });
  });

  it('is accepted once per idempotency key, and reserves the name at once', async () => {
    const ask = (properties: object): ReturnType<ApiClient['call']> =>
      api.call('POST', '/v1/actions/deploy_python_flask_app/runs', { properties }, { 'idempotency-key': 'one' });
    const first = await ask(values);
    expect(first.status).toBe(202);
    runId = z.object({ id: z.string() }).parse(first.body['run']).id;
    expect(z.object({ id: z.string() }).parse((await ask(values)).body['run']).id).toBe(runId);
    expect(await ask({ ...values, db_name: 'other' })).toMatchObject({ status: 409, body: { error: 'idempotency_conflict' } });
    expect(['creating', 'ready']).toContain((await api.entity('shop'))?.status);
    const taken = await api.call('POST', '/v1/actions/deploy_python_flask_app/runs', { properties: values });
    expect(taken).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect(taken.body['message']).toContain(runId);
  });

  it('runs to its end with a history that can be followed from anywhere', async () => {
    const events = await api.events(runId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    const lines = events.filter((event) => event.type === 'log').map((event) => event.line);
    expect(lines).toEqual(lines.map((_, index) => index + 1));
    const middle = Math.floor(events.length / 2);
    expect(seqs(await api.events(runId, middle))).toEqual(seqs(events.slice(middle)));
    expect(await api.run(runId)).toMatchObject({ status: 'SUCCESS', statusLabel: 'SUCCEEDED', failure: null });
  });

  it('tells the same by GraphQL', async () => {
    const answer = await api.graphql('query ($id: ID!) { run(id: $id) { id status steps { id status } entity { identifier } } }', { id: runId });
    expect(answer).toMatchObject({ data: { run: { id: runId, status: 'SUCCEEDED', entity: { identifier: 'shop' } } } });
  });

  it('makes a repository of one root commit, and the entity follows its pushes', async () => {
    const entity = await until('the entity knows its commit', async () => {
      const found = await api.entity('shop');
      return found?.properties['latest_commit'] ? found : null;
    });
    expect(entity.status).toBe('ready');
    const link = entity.links.find(({ kind }) => kind === 'github:repository');
    const { commits, files, history } = await cloneRepository(`${link?.url}.git`, product.demo.sandbox.github.token, folder);
    expect(commits).toHaveLength(1);
    expect(entity.properties['latest_commit']).toMatchObject({ sha: commits[0] });
    expect(files).toContain('deploy/deployment.yaml');
    // GitHub's own expressions are of `steps`, too.
    expect(history).not.toMatch(/\$\{\{ *(parameters|values|environment|user)\b/);
  });

  it('makes a dynamic secret whose credential logs in to just its own schema', async () => {
    const name = '/slipway/shop/database-credential';
    const issued = await sandbox.akeyless('/dynamic-secret-get-value', { name });
    const { id, user, password } = z.object({ id: z.string(), user: z.string(), password: z.string() }).parse(issued);
    const { host, port } = product.demo.sandbox.mysql;
    const connection = await mysql.createConnection({ host, port, user, password, database: 'shop' });
    const [schemas] = await connection.query<mysql.RowDataPacket[]>('SHOW DATABASES');
    await connection.query('CREATE TABLE once (id INT)');
    await connection.query('DROP TABLE once');
    await connection.end();
    expect(schemas.map((row) => row['Database'] as string).sort()).toEqual(['information_schema', 'shop']);
    await sandbox.giveBack(name, id);
    await expect(mysql.createConnection({ host, port, user, password, database: 'shop' })).rejects.toThrow(/denied/i);
  });

  it('is synced and healthy in the cluster at the pushed commit', async () => {
    const deployment = await getFromCluster(product.demo.sandbox, '/apis/apps/v1/namespaces/shop/deployments/shop');
    expect(deployment).toMatchObject({ status: { readyReplicas: expect.any(Number) } });
    const some = z.array(z.record(z.string(), z.unknown()));
    const state = z.object({ argocd: z.object({ applications: some }), github: z.object({ packages: some }) }).parse(await sandbox.holds());
    // The image that the pods were held back for, built by the workflow that the pushed tag started.
    expect(deployment).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'ghcr.io/acme/shop:v0.1.0' }] } } } });
    expect(state.github.packages).toEqual([{ name: 'acme/shop', tags: ['v0.1.0'] }]);
    const entity = await api.entity('shop');
    const { sha } = z.object({ sha: z.string() }).parse(entity?.properties['latest_commit']);
    expect(state.argocd.applications).toMatchObject([{ name: 'shop', sync: 'Synced', health: 'Healthy', revision: sha }]);
  });

  it('shows no link on the entity that leads nowhere', async () => {
    const shown = z.looseObject({ url: z.url() });
    const { links, properties } = z
      .object({ links: z.array(shown), properties: z.object({ latest_commit: shown, checks: shown, latest_image: shown }) })
      .parse(await until('the entity knows its image', async () => {
        const entity = await api.entity('shop');
        return entity?.properties['latest_image'] && entity.properties['checks'] ? entity : null;
      }));
    const urls = [...links, ...Object.values(properties)].map(({ url }) => url);
    expect(urls.length).toBeGreaterThan(6);
    expect(await Promise.all(urls.map(async (url) => [url, (await fetch(url)).status]))).toEqual(urls.map((url) => [url, 200]));
  });

  it('leaves the app a credential of its own that works', async () => {
    const { user, password } = await issueAsPod(await podOf(product.demo.sandbox, 'shop', 'shop'));
    const { host, port } = product.demo.sandbox.mysql;
    const connection = await mysql.createConnection({ host, port, user, password, database: 'shop' });
    await connection.query('SELECT 1');
    await connection.end();
  });

  it('gives a credential to the job of its workflows that names the environment, and to no other', async () => {
    const person = GithubClient.asUser(product);
    const { environments } = z
      .object({ environments: z.array(z.object({ name: z.string() })) })
      .parse(await person.call('GET', '/repos/acme/shop/environments'));
    expect(environments.map(({ name }) => name)).toEqual(['production']);
    const checkout = path.join(folder, 'clone');
    const systems = product.demo.sandbox;
    const run = await dispatch(person, 'acme/shop', 'credential.yaml');
    expect((await issueAsWorkflow(systems, 'acme/shop', { checkout, run, job: 'issue' })).user).toMatch(/^tmp_/);
    const outside = await latestRun(person, 'acme/shop', 'ci');
    await expect(issueAsWorkflow(systems, 'acme/shop', { checkout, run: outside, job: 'test' })).rejects.toThrow(/answered 401/);
  });

  it('shows on the entity what other apps find of its commit', async () => {
    const { sha } = z.object({ sha: z.string() }).parse((await api.entity('shop'))?.properties['latest_commit']);
    const stands = (state: string): Promise<unknown> =>
      until(`the checks are ${state}`, async () => z.object({ state: z.literal(state) }).safeParse((await api.entity('shop'))?.properties['checks']).success);
    await stands('success');
    const scanner = await GithubClient.asApp(product);
    const check = await scanner.call('POST', '/repos/acme/shop/check-runs', { name: 'scan', head_sha: sha, status: 'in_progress' });
    const place = `/repos/acme/shop/check-runs/${z.object({ id: z.number() }).parse(check).id}`;
    await stands('pending');
    // GitHub tells the order by whole seconds.
    await sandbox.advance('PT2S');
    await scanner.call('PATCH', place, { conclusion: 'failure' });
    await stands('failure');
    await sandbox.advance('PT2S');
    await scanner.call('POST', '/repos/acme/shop/check-runs', { name: 'scan', head_sha: sha, conclusion: 'success' });
    await stands('success');
  });

  it('follows the repository to another owner, and back', async () => {
    const person = GithubClient.asUser(product);
    const config = { url: `${product.demo.url}/webhooks/github`, content_type: 'json', secret: product.demo.webhookSecret };
    const hook = await person.call('POST', '/orgs/globex/hooks', { name: 'web', config, events: ['repository'] });
    const isAt = (fullName: string): Promise<Entity> =>
      until(`the entity is at ${fullName}`, async () => {
        const entity = await api.entity('shop');
        return entity?.links.some(({ url }) => url === `${product.demo.sandbox.github.url}/${fullName}`) && entity;
      });
    await sandbox.advance('PT2S');
    await person.call('POST', '/repos/acme/shop/transfer', { new_owner: 'globex' });
    expect((await isAt('globex/shop')).properties['repository_notice']).toMatch(/^Was acme\/shop, and is globex\/shop now\. Still at the old address.*Argo CD/);
    await sandbox.advance('PT2S');
    await person.call('POST', '/repos/globex/shop/transfer', { new_owner: 'acme' });
    expect((await isAt('acme/shop')).properties).not.toHaveProperty('repository_notice');
    await person.call('DELETE', `/orgs/globex/hooks/${z.object({ id: z.number() }).parse(hook).id}`);
  });

  it('keeps true on the entity what becomes of the repository', async () => {
    const person = GithubClient.asUser(product);
    const { sha } = z.object({ sha: z.string() }).parse((await api.entity('shop'))?.properties['latest_commit']);
    const changed = async (method: string, at: string, body: object, expected: Record<string, unknown>): Promise<void> => {
      // GitHub tells the order by whole seconds.
      await sandbox.advance('PT2S');
      await person.call(method, at, body);
      await until(`the entity shows ${JSON.stringify(expected)}`, async () => {
        const shown = (await api.entity('shop'))?.properties ?? {};
        return Object.entries(expected).every(([name, value]) => JSON.stringify([shown[name]]).includes(JSON.stringify(value)));
      });
    };
    await changed('POST', '/repos/acme/shop/releases', { tag_name: 'r1', name: 'First' }, { latest_release: 'First' });
    await person.call('POST', '/repos/acme/shop/git/refs', { ref: 'refs/heads/trunk', sha });
    await changed('PATCH', '/repos/acme/shop', { default_branch: 'trunk' }, { default_branch: 'trunk' });
    await changed('PATCH', '/repos/acme/shop', { default_branch: 'main' }, { default_branch: 'main' });
    await changed('PATCH', '/repos/acme/shop', { name: 'store' }, { repository: 'store' });
    await changed('PATCH', '/repos/acme/store', { name: 'shop' }, { repository: 'shop' });
    await changed('PATCH', '/repos/acme/shop', { archived: true }, { repository_state: 'archived' });
    await changed('PATCH', '/repos/acme/shop', { archived: false }, { repository_state: 'active' });
  });

  it('takes a webhook only with its signature, and each once', async () => {
    const body = JSON.stringify({ zen: 'Keep it logically awesome.' });
    const deliver = async (signature: string | null, delivery = randomUUID()): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-github-delivery': delivery };
      const signed = signature === null ? headers : { ...headers, 'x-hub-signature-256': signature };
      return (await fetch(`${product.demo.url}/webhooks/github`, { method: 'POST', body, headers: signed })).status;
    };
    const valid = `sha256=${createHmac('sha256', product.demo.webhookSecret).update(body).digest('hex')}`;
    expect(await deliver(null)).toBe(401);
    expect(await deliver('sha256=00')).toBe(401);
    expect(await deliver(`sha1=${valid.slice(7)}`)).toBe(401);
    expect(await deliver(`sha256=${'0'.repeat(64)}`)).toBe(401);
    const delivery = randomUUID();
    expect(await deliver(valid, delivery)).toBe(202);
    expect(await deliver(valid, delivery)).toBe(202);
  });

  it('is removed with everything it had, and can have no credential issued once nobody could revoke it', async () => {
    const pod = await podOf(product.demo.sandbox, 'shop', 'shop');
    const wrong = await api.call('POST', '/v1/actions/delete_service/runs', { entity: 'shop', properties: { confirm: 'ship', repository: 'delete' } });
    expect(wrong).toMatchObject({ status: 422, body: { details: [{ path: 'properties.confirm' }] } });
    // Held after the last look at the leases and before the secret goes, until the sandbox's clock says so.
    const path = '/dynamic-secret-delete';
    await sandbox.setFaults([{ system: 'akeyless', match: { path }, fault: 'slow', delayMs: 600_000, times: 1 }]);
    const removal = await api.request('delete_service', { confirm: 'shop', repository: 'delete' }, 'shop');
    await until('the dynamic secret is about to go', async () => (await sandbox.requests()).some((request) => request.path === path && request.fault));
    await expect(issueAsPod(pod)).rejects.toThrow(/answered 401/);
    await sandbox.advance('PT10M');
    expect(await api.ended(removal)).toMatchObject({ statusLabel: 'SUCCEEDED' });
    await sandbox.clearFaults();
    expect(await sandbox.holds()).toEqual(before);
    expect(await api.entity('shop')).toBeNull();
  });

  it('frees its name for another one', async () => {
    const again = await api.request('deploy_python_flask_app', values);
    expect(await api.ended(again)).toMatchObject({ statusLabel: 'SUCCEEDED' });
    const removal = await api.request('delete_service', { confirm: 'shop', repository: 'archive' }, 'shop');
    expect(await api.ended(removal)).toMatchObject({ statusLabel: 'SUCCEEDED' });
    const state = z.object({ github: z.object({ repositories: z.array(z.object({ fullName: z.string(), archived: z.boolean() })) }) }).parse(await sandbox.holds());
    expect(state.github.repositories).toMatchObject([{ fullName: 'acme/shop', archived: true }]);
  });
});

function seqs(events: HistoryEvent[]): number[] {
  return events.map((event) => event.seq);
}
