import { jest } from '@jest/globals';
import { z } from 'zod';
import { ApiClient } from './api-client.js';
import { SandboxClient } from './sandbox-client.js';
import { serviceValues } from './service-values.js';
import { type Product, startProduct } from './start-product.js';
import { until } from './until.js';

// The whole product starts, does its main job and stops.
jest.setTimeout(180_000);

describe('when something breaks', () => {
  let product: Product;
  let api: ApiClient;
  let sandbox: SandboxClient;

  beforeAll(async () => {
    product = await startProduct();
    api = await ApiClient.signIn(product.demo);
    sandbox = new SandboxClient(product.demo.sandbox);
  });
  afterAll(() => product?.stop());
  afterEach(() => sandbox.clearFaults());

  it('a step that fails for good: what was made is undone, and the failure says what happened', async () => {
    const before = await sandbox.holds();
    await sandbox.setFaults([
      { system: 'akeyless', match: { method: 'POST', path: '/dynamic-secret-create-mysql' }, fault: 'status', status: 403 },
    ]);
    const run = await api.ended(await api.request('deploy_python_flask_app', serviceValues('fails')));
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'FAILED' });
    expect(run.failure?.message).toMatch(/dynamic secret/i);
    expect(run.failure?.remedy).toBeTruthy();
    const byId = Object.fromEntries(run.steps.map((step) => [step.id, step.status]));
    expect(byId).toMatchObject({ repository: 'UNDONE', namespace: 'UNDONE', target: 'UNDONE', credential: 'FAILED', healthy: 'CANCELLED' });
    expect(await sandbox.holds()).toEqual(before);
    expect((await api.entity('fails'))?.status).toBe('failed');
  });

  it('and the same name can be asked for again, and succeeds', async () => {
    const run = await api.ended(await api.request('deploy_python_flask_app', serviceValues('fails')));
    expect(run.statusLabel).toBe('SUCCEEDED');
  });

  it('a call that took effect though its answer got lost: adopted, not doubled', async () => {
    await sandbox.setFaults([
      { system: 'github', match: { method: 'POST', path: '/api/v3/orgs/*/repos' }, fault: 'applied-then-timeout', times: 1 },
      { system: 'argocd', match: { method: 'POST', path: '/api/v1/applications' }, fault: 'status', status: 503, times: 2 },
    ]);
    const run = await api.ended(await api.request('deploy_python_flask_app', serviceValues('lossy')), 150_000);
    expect(run.statusLabel).toBe('SUCCEEDED');
    expect(run.steps.find((step) => step.id === 'repository')?.attempt).toBeGreaterThan(1);
  });

  it('two requests for one name at once: one succeeds, the other is told why not, and nothing is mixed', async () => {
    const wanted = ['first', 'second', 'third', 'fourth'].map((db_name) => ({ ...serviceValues('wanted'), db_name }));
    const answers = await Promise.all(wanted.map((properties) => api.call('POST', '/v1/actions/deploy_python_flask_app/runs', { properties })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409]);
    const winner = answers.findIndex(({ status }) => status === 202);
    for (const { body } of answers.filter(({ status }) => status === 409)) {
      expect(body).toMatchObject({ error: 'conflict', message: expect.stringContaining('wanted') });
    }
    const run = await api.ended(z.object({ id: z.string() }).parse(answers[winner]?.body['run']).id);
    expect(run.statusLabel).toBe('SUCCEEDED');
    const state = JSON.stringify(await sandbox.holds());
    expect(wanted.filter(({ db_name }) => state.includes(`"${db_name}"`))).toEqual([wanted[winner]]);
  });

  it('two services that want the same repository and namespace at once: the second is told who has them, and leaves nothing', async () => {
    const shared = { ...serviceValues('common'), db_name: 'common' };
    const wanted = ['common-a', 'common-b'].map((app_name) => ({ ...shared, app_name }));
    const answers = await Promise.all(wanted.map((properties) => api.call('POST', '/v1/actions/deploy_python_flask_app/runs', { properties })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const winner = answers.findIndex(({ status }) => status === 202);
    expect(answers[1 - winner]?.body).toMatchObject({ error: 'conflict', message: expect.stringContaining(`"${wanted[winner]?.app_name}"`) });
    const run = await api.ended(z.object({ id: z.string() }).parse(answers[winner]?.body['run']).id);
    expect(run.statusLabel).toBe('SUCCEEDED');
    expect(JSON.stringify(await sandbox.holds())).not.toContain(wanted[1 - winner]?.app_name);
    expect(await api.entity(wanted[1 - winner]?.app_name ?? '')).toBeNull();
  });

  it('every worker killed in the middle: the run goes on from what is recorded, and nothing is doubled', async () => {
    const runId = await api.request('deploy_python_flask_app', serviceValues('killed'));
    await until('a step is done and the run not', async () => {
      const { steps, statusLabel } = await api.run(runId);
      return steps.some((step) => step.status === 'SUCCEEDED') && !['SUCCEEDED', 'FAILED'].includes(statusLabel);
    });
    const { processes } = await product.current();
    for (const pid of processes.worker) process.kill(pid, 'SIGKILL');
    const run = await api.ended(runId);
    expect(run).toMatchObject({ statusLabel: 'SUCCEEDED' });
    const events = await api.events(runId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    const removal = await api.ended(await api.request('delete_service', { confirm: 'killed', repository: 'delete' }, 'killed'));
    expect(removal.statusLabel).toBe('SUCCEEDED');
    expect(JSON.stringify(await sandbox.holds())).not.toContain('killed');
  });

  it('Redis emptied in the middle: the run completes all the same', async () => {
    const runId = await api.request('deploy_python_flask_app', serviceValues('flushed'));
    await until('the run has begun', async () => (await api.run(runId)).statusLabel !== 'QUEUED');
    const { redisUrl } = await product.current();
    const { Redis } = await import('ioredis');
    const redis = new Redis(redisUrl);
    await redis.flushall();
    redis.disconnect();
    expect(await api.ended(runId)).toMatchObject({ statusLabel: 'SUCCEEDED' });
  });

  it('a cancel: what is in flight stops, and what was made is undone', async () => {
    await sandbox.setFaults([{ system: 'argocd', match: { method: 'POST', path: '/api/v1/applications' }, fault: 'slow', delayMs: 60_000 }]);
    const runId = await api.request('deploy_python_flask_app', serviceValues('called-off'));
    await until('the slow step is in flight', async () => (await api.run(runId)).steps.some((step) => step.id === 'application' && step.status === 'RUNNING'));
    expect((await api.call('POST', `/v1/actions/runs/${runId}/cancel`)).status).toBeLessThan(300);
    expect(await api.ended(runId)).toMatchObject({ status: 'FAILURE', statusLabel: 'CANCELLED' });
    expect(JSON.stringify(await sandbox.holds())).not.toContain('called-off');
  });
});
