import { join } from 'node:path';
import { type HttpsHost, removeTemporaryFolders, startHttpsHost, temporaryFolder } from '@slipway/templating/testing';
import { startApi, type StartedApi } from '../testing/start-api.js';

const template = (name: string, url: string): string => `
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: ${name} }
spec:
  type: service
  identifier: \${{ parameters.name }}
  parameters: { required: [name], properties: { name: { type: string, pattern: '^[a-z]+$' } } }
  steps: [{ id: parts, action: fetch:plain, input: { url: '${url}' } }]
`;

describe('what a template fetches from elsewhere', () => {
  let host: HttpsHost;
  let api: StartedApi;
  let commit = '';

  beforeAll(async () => {
    host = await startHttpsHost({ '/acme/down.git/info/refs?service=git-upload-pack': (_, response) => response.writeHead(503).end() });
    commit = await host.addRepository('acme/parts', { 'README.md': 'first' });
    const folder = await temporaryFolder({ 'ca.pem': host.ca });
    api = await startApi(
      {
        'branch/template.yaml': template('branch', `${host.url}/acme/parts/tree/main`),
        'gone/template.yaml': template('gone', `${host.url}/acme/parts/tree/no-such-branch`),
        'down/template.yaml': template('down', `${host.url}/acme/down/tree/main`),
        'elsewhere/template.yaml': template('elsewhere', 'https://git.example.com/acme/parts/tree/main'),
        'credential/template.yaml': template('credential', 'https://me:hunter2hunter2@git.example.com/acme/parts'),
      },
      [],
      { allowedHosts: [{ host: host.host, private: true, ca: join(folder, 'ca.pem') }] },
    );
  }, 60_000);
  afterAll(async () => {
    await api.close();
    await host.close();
    await removeTemporaryFolders();
  });

  const request = (action: string, name: string, more: object = {}) =>
    api.call(`/v1/actions/${action}/runs`, { method: 'POST', body: { properties: { name }, ...more } });
  const plan = (action: string, name: string) => api.call(`/v1/actions/${action}/plan`, { method: 'POST', body: { properties: { name } } });
  const counts = async (): Promise<unknown> =>
    (await api.database.pool.query('SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM entities) AS entities, (SELECT count(*) FROM outbox) AS outbox')).rows[0];

  it('is bound to the commit that is there when a run is requested', async () => {
    const { status, body } = await request('branch', 'bound');
    expect(status).toBe(202);
    const stored = await api.database.pool.query('SELECT plan FROM runs WHERE id = $1', [body.run.id]);
    expect(stored.rows[0].plan.steps[0].input.url).toBe(`${host.url}/acme/parts/tree/${commit}`);
  });

  it.each([
    ['gone', 409, 'conflict', () => [`${host.url}/acme/parts/tree/no-such-branch`, 'There is no branch or tag "no-such-branch"']],
    ['elsewhere', 409, 'conflict', () => ['https://git.example.com/acme/parts/tree/main', 'git.example.com is not among the hosts', 'have the host allowed']],
    ['credential', 409, 'conflict', () => ['https://git.example.com/acme/parts', 'with a name or password in it']],
    ['down', 503, 'unavailable', () => [`${host.url}/acme/down/tree/main`, 'Try again shortly']],
  ])('%s: a request and a plan are refused, name the reference, and nothing is stored', async (action, status, error, texts) => {
    const before = await counts();
    for (const answer of [await request(action, 'refused'), await plan(action, 'refused')]) {
      expect(answer).toMatchObject({ status, body: { ok: false, error } });
      for (const text of texts()) expect(answer.body.message).toContain(text);
      expect(answer.text).not.toContain('hunter2');
    }
    expect(await counts()).toEqual(before);
  });

  it('makes another plan once its branch has moved on', async () => {
    const { body } = await plan('branch', 'moved');
    expect(body.plan.files).toMatchObject([{ path: 'README.md' }]);
    expect(body.plan.steps[0].input.url).toContain(commit);
    const moved = await host.addRepository('acme/parts', { 'README.md': 'second' });
    const before = await counts();
    expect(await request('branch', 'moved', { planHash: body.plan.hash })).toMatchObject({ status: 409, body: { error: 'plan_changed' } });
    expect(await counts()).toEqual(before);
    const again = await plan('branch', 'moved');
    const { status, body: accepted } = await request('branch', 'moved', { planHash: again.body.plan.hash });
    expect(status).toBe(202);
    const stored = await api.database.pool.query('SELECT plan FROM runs WHERE id = $1', [accepted.run.id]);
    expect(stored.rows[0].plan.steps[0].input.url).toContain(moved);
  });
});
