import { PostgresHousekeeping } from '@slipway/persistence';
import { holdRun } from '../testing/run-history.js';
import { startApi, type StartedApi } from '../testing/start-api.js';

describe('a run whose history was packed away', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  it('reads to the byte as before, at every door', async () => {
    const requested = await api.call('/v1/actions/deploy/runs', { method: 'POST', body: { properties: { app_name: 'old' } } });
    const id: string = requested.body.run.id;
    const history = await holdRun(api, id);
    for (let part = 0; part < 5; part++) await history.log(...Array.from({ length: 500 }, (_, n) => `líne ${part} ${n} \u2028 "quoted"`));
    await history.end();
    await history.close();
    const { pool } = api.database;
    await pool.query(`UPDATE runs SET ended_at = now() - interval '1 year' WHERE id = $1`, [id]);

    const before = await readings(id);
    expect(before.join('')).toContain('líne 4 499');
    const house = new PostgresHousekeeping(pool, { archiveAfterDays: 30, deleteAfterDays: null });
    expect(await house.keepHouse(new AbortController().signal)).toEqual({ 'packed runs': 1 });
    expect((await pool.query('SELECT 1 FROM events WHERE run_id = $1', [id])).rowCount).toBe(0);
    expect(await readings(id)).toEqual(before);
  }, 30_000);

  async function readings(id: string): Promise<string[]> {
    const run = `/v1/actions/runs/${id}`;
    const routes = ['/logs', '/logs?limit=1000', '/logs?limit=1000&offset=1700', '/logs?offset=2500', '/events', '/events?after=1999', '/events?after=2400'];
    const answers = await Promise.all(routes.map((route) => api.call(run + route)));
    const resumed = await api.call(`${run}/events`, { headers: { 'last-event-id': '2001' } });
    const query = `{ run(id: "${id}") { status endedAt steps { id status } } }`;
    const graphql = await api.call('/graphql', { method: 'POST', body: { query } });
    expect(graphql.body.errors).toBeUndefined();
    return [...answers, resumed, graphql].map((answer) => answer.text);
  }
});
