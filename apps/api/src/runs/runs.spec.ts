import { startApi, type StartedApi } from '../testing/start-api.js';
import { holdRun } from '../testing/run-history.js';

describe('runs over REST', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const request = (name: string, headers: Record<string, string> = {}) =>
    api.call('/v1/actions/deploy/runs', { method: 'POST', headers, body: { properties: { app_name: name } } });

  it('a request is accepted with 202 and a run in Port’s words', async () => {
    const answer = await request('shop');
    expect(answer).toMatchObject({
      status: 202,
      body: {
        ok: true,
        run: {
          id: expect.stringMatching(/^r_/),
          status: 'IN_PROGRESS',
          statusLabel: 'QUEUED',
          entity: 'shop',
          blueprint: 'service',
          action: { identifier: 'deploy' },
        },
      },
    });
    const { id } = answer.body.run;
    expect((await api.call(`/v1/actions/runs/${id}?version=v2`)).body.run).toMatchObject({ id, steps: [{ id: 'hello' }] });
    expect((await api.call('/v1/blueprints/service/entities/shop')).body.entity).toMatchObject({
      identifier: 'shop',
      status: 'creating',
    });
  });

  it('an unknown action is 404', async () => {
    expect(await api.call('/v1/actions/nothing/runs', { method: 'POST', body: {} })).toMatchObject({
      status: 404,
      body: { error: 'not_found' },
    });
  });

  it.each([
    "'; drop",
    '$(id)',
    '`id`',
    '../../x',
    'a\nb: c',
    '{{7*7}}',
    '-rf',
    'nul\u0000',
    '\u202Ertl',
    'x'.repeat(300),
    '__proto__',
    '',
    7,
    null,
    { a: 1 },
  ])('the name %j is 422 with its path and reason', async (name) => {
    const answer = await api.call('/v1/actions/deploy/runs', { method: 'POST', body: { properties: { app_name: name } } });
    expect(answer).toMatchObject({ status: 422, body: { ok: false, error: 'invalid_input' } });
    expect(answer.body.details[0]).toEqual({
      path: 'properties.app_name',
      code: expect.any(String),
      message: expect.any(String),
    });
  });

  it('a name already taken is 409 and names the holder', async () => {
    await request('taken');
    const answer = await request('taken');
    expect(answer).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect(answer.body.message).toContain('taken');
  });

  it('the same idempotency key and body answer with the same run; another body with 409', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await request('repeated', key);
    const second = await request('repeated', key);
    expect([second.status, second.body.run.id]).toEqual([202, first.body.run.id]);
    expect(await request('another', key)).toMatchObject({ status: 409, body: { error: 'idempotency_conflict' } });
  });

  it('lists newest first, page by page, and passes over keys it does not know', async () => {
    await request('first');
    await request('second');
    const page = await api.call('/v1/actions/runs?limit=1&active=true&runId=x&run_id=&entity=');
    expect(page.body.runs.map((run: { entity: string }) => run.entity)).toEqual(['second']);
    const next = await api.call(`/v1/actions/runs?limit=1&from=${page.body.next}`);
    expect(next.body.runs.map((run: { entity: string }) => run.entity)).toEqual(['first']);
    expect((await api.call('/v1/actions/runs?entity=first')).body.runs).toHaveLength(1);
    expect(await api.call('/v1/actions/runs?limit=many')).toMatchObject({ status: 422, body: { details: [{ path: 'limit' }] } });
  });

  it('shows log lines by offset', async () => {
    const { id } = (await request('logged')).body.run;
    const history = await holdRun(api, id);
    await history.log('one', 'two', 'three');
    await history.close();
    const { runLogs } = (await api.call(`/v1/actions/runs/${id}/logs?limit=2&offset=1`)).body;
    expect(runLogs.map(({ message, line }: { message: string; line: number }) => [line, message])).toEqual([
      [2, 'two'],
      [3, 'three'],
    ]);
  });

  it('cancels, and refuses what makes no sense', async () => {
    const { id } = (await request('cancelled')).body.run;
    expect((await api.call(`/v1/actions/runs/${id}/undo`, { method: 'POST' })).status).toBe(409);
    expect((await api.call(`/v1/actions/runs/${id}/retry`, { method: 'POST' })).status).toBe(409);
    expect(await api.call(`/v1/actions/runs/${id}/cancel`, { method: 'POST' })).toMatchObject({
      status: 202,
      body: { run: { id } },
    });
    expect((await api.call('/v1/actions/runs/r_nothing/cancel', { method: 'POST' })).status).toBe(404);
  });

  it('another team’s run and entity are not there', async () => {
    const member = { headers: { authorization: `Bearer ${api.memberToken}` } };
    const { id } = (
      await api.call('/v1/actions/deploy/runs', { method: 'POST', body: { properties: { app_name: 'theirs' } }, ...member })
    ).body.run;
    await api.database.pool.query(`UPDATE runs SET team = 'platform' WHERE id = $1`, [id]);
    for (const [method, route] of [
      ['GET', `/v1/actions/runs/${id}`],
      ['GET', `/v1/actions/runs/${id}/logs`],
      ['GET', `/v1/actions/runs/${id}/events`],
      ['POST', `/v1/actions/runs/${id}/cancel`],
      ['POST', `/v1/actions/runs/${id}/retry`],
    ] as const) {
      expect([route, (await api.call(route, { method, ...member })).status]).toEqual([route, 404]);
    }
  });

  it('actions are listed in Port’s words', async () => {
    const { actions } = (await api.call('/v1/actions?version=v2')).body;
    expect(actions).toEqual([
      expect.objectContaining({ identifier: 'deploy', trigger: expect.objectContaining({ operation: 'CREATE' }) }),
    ]);
    expect((await api.call('/v1/actions/deploy')).body.action.trigger.userInputs.required).toEqual(['app_name']);
    expect((await api.call('/v1/actions/nothing')).status).toBe(404);
  });

  it('an identifier may hold a slash and a plus', async () => {
    await api.database.pool.query(
      `INSERT INTO entities (blueprint, identifier, title, status, mark, created_by)
       VALUES ('service', 'a/b+c d', 'Odd', 'ready', 'm', 'spec')`,
    );
    expect((await api.call('/v1/blueprints/service/entities/a%2Fb+c%20d')).body.entity.identifier).toBe('a/b+c d');
  });
});
