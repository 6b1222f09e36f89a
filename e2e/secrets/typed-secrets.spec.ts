import { jest } from '@jest/globals';
import { secretValues } from '../product/developer-tools.js';
import { until } from '../product/until.js';
import { allThatRests } from './all-that-rests.js';
import { aCanary, aKey, findCanaries } from './canary.js';
import { type SecretsInstallation, openInstallation } from './installation.js';

// Stores, sandbox, api and worker start, and stop.
jest.setTimeout(180_000);

describe('a secret that somebody types into a form, or the installation has', () => {
  const password = aCanary('heron');
  const privateKey = aKey('osprey');
  const another = aCanary('kestrel');
  const registryToken = aCanary('merlin');
  const canaries = [password, privateKey, another, registryToken];
  /** What the doors have answered. */
  const answers = new Map<string, string>();
  let installation: SecretsInstallation;

  beforeAll(async () => (installation = await openInstallation(registryToken)));
  afterAll(() => installation?.close());

  const call: SecretsInstallation['api']['call'] = async (method, path, body, headers) => {
    const answer = await installation.api.call(method, path, body, headers);
    answers.set(`${method} ${path} #${answers.size}`, JSON.stringify(answer.body));
    return answer;
  };
  const request = async (properties: Record<string, unknown>): Promise<string> => {
    const answer = await call('POST', '/v1/actions/connect/runs', { properties: { password, ...properties }, secrets: { privateKey } }, { 'idempotency-key': String(properties['name']) });
    expect(answer).toMatchObject({ status: 202 });
    return (answer.body['run'] as { id: string }).id;
  };
  const sealed = async (runId: string): Promise<string> => (await allThatRests(installation)).get('table run_secrets')?.split('\n').filter((row) => row.includes(runId)).join('\n') ?? '';
  const inCluster = (namespace: string) => secretValues(installation.sandbox.description, namespace, 'handed-over').catch(() => null);

  /** Everything a person or a program can ask about a run. */
  async function lookAt(runId: string): Promise<void> {
    const { api } = installation;
    const { statusLabel } = await api.run(runId);
    // The stream of a run that goes on has no end.
    if (statusLabel !== 'WAITING') answers.set(`events of ${runId}`, JSON.stringify(await api.events(runId)));
    for (const path of [`/v1/actions/runs/${runId}`, `/v1/actions/runs/${runId}/logs?limit=1000`, '/v1/actions/runs', '/v1/actions/connect', '/v1/blueprints/service/entities', '/metrics']) {
      await call('GET', path).catch(() => undefined);
    }
    const query = 'query ($id: ID!) { run(id: $id) { inputs secrets { name title } failure { message remedy } steps { id waitingFor failure { message } } output { text { content } values } } runs { nodes { id inputs } } }';
    answers.set(`graphql ${runId}`, JSON.stringify(await api.graphql(query, { id: runId })));
  }

  async function expectNowhere(): Promise<void> {
    const places = new Map([...(await allThatRests(installation)), ...answers]);
    expect(places.get('table actions')).toContain('connect');
    expect([...places.keys()].filter((place) => place.startsWith('file'))).toEqual(expect.arrayContaining([expect.stringMatching(/api\.log$/), expect.stringMatching(/worker\.log$/), expect.stringMatching(/\.aof$/), expect.stringMatching(/pg_wal/)]));
    expect(findCanaries(places, canaries)).toEqual([]);
  }

  it('is shown by no plan', async () => {
    const answer = await call('POST', '/v1/actions/connect/plan', { properties: { name: 'planned', password, intoFiles: true }, secrets: { privateKey }, content: true });
    expect(answer.status).toBe(200);
    await expectNowhere();
  });

  it('reaches the system that is to have it, rests sealed meanwhile, and is in nothing that is stored, said or answered', async () => {
    const runId = await request({ name: 'heron', held: true });
    await until('the run waits, with everything handed over', async () => (await installation.api.run(runId)).statusLabel === 'WAITING');
    expect(await inCluster('heron')).toEqual({ password, address: `https://dana:${encodeURIComponent(password)}@host/`, key: privateKey });
    expect(await sealed(runId)).toMatch(/password\t1\.[0-9a-f]{12}\.[\w-]{60,}/);
    await lookAt(runId);
    await expectNowhere();
    await call('POST', `/v1/actions/runs/${runId}/cancel`);
    expect((await installation.api.ended(runId)).statusLabel).toBe('CANCELLED');
    await lookAt(runId);
    expect(answers.get(`events of ${runId}`)).toContain('told [secret]');
    expect(await sealed(runId)).toBe('');
    await expectNowhere();
  });

  it('is given to every template by the installation, and is as little to be seen', async () => {
    const plan = await call('POST', '/v1/actions/equip/plan', { properties: { name: 'merlin' }, content: true });
    expect(plan).toMatchObject({ status: 200, body: { plan: { steps: expect.arrayContaining([expect.objectContaining({ id: 'store', failure: null })]) } } });
    const request = async (properties: object) => ((await call('POST', '/v1/actions/equip/runs', { properties })).body['run'] as { id: string }).id;
    const runId = await request({ name: 'merlin' });
    expect((await installation.api.ended(runId)).statusLabel).toBe('SUCCEEDED');
    expect(await inCluster('merlin')).toEqual({ token: registryToken, region: 'eu-central' });
    await lookAt(runId);
    expect(answers.get(`events of ${runId}`)).toContain('told [secret]');
    const refused = await request({ name: 'falcon', intoFiles: true });
    expect(await installation.api.ended(refused)).toMatchObject({ statusLabel: 'FAILED', failure: { code: 'secret_in_files' } });
    await lookAt(refused);
    await expectNowhere();
  });

  it('is refused in a file, and typed again for the retry that follows the undo', async () => {
    const runId = await request({ name: 'kestrel', intoFiles: true });
    const run = await installation.api.ended(runId);
    expect(run).toMatchObject({ statusLabel: 'FAILED', failure: { code: 'secret_in_files' } });
    expect(await sealed(runId)).toBe('');
    const needed = { status: 422, body: { error: 'secrets_needed', details: [{ path: 'secrets.password' }, { path: 'secrets.privateKey' }] } };
    expect(await call('POST', `/v1/actions/runs/${runId}/retry`)).toMatchObject(needed);
    expect((await call('POST', `/v1/actions/runs/${runId}/retry`, { secrets: { password: another, privateKey } })).status).toBe(202);
    await until('the other one has arrived', async () => (await inCluster('kestrel'))?.['password'] === another);
    expect((await installation.api.ended(runId)).statusLabel).toBe('FAILED');
    await lookAt(runId);
    await expectNowhere();
  });

  it('is wiped once the run has succeeded', async () => {
    const runId = await request({ name: 'osprey' });
    expect((await installation.api.ended(runId)).statusLabel).toBe('SUCCEEDED');
    expect(await sealed(runId)).toBe('');
    await lookAt(runId);
    await expectNowhere();
  });
});
