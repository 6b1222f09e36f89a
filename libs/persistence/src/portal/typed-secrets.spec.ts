import { getRun, requestRun, retryRun } from '@slipway/portal';
import { PostgresHousekeeping } from '../history/housekeeping.js';
import { PostgresRunStore } from '../runs/run-store.js';
import { admin, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

const canary = 'correct "horse" battery & staple';

describe('a secret typed into a form', () => {
  let scene: PortalScene;
  let runs: PostgresRunStore;
  beforeAll(async () => {
    scene = await createPortalScene();
    runs = new PostgresRunStore(scene.database.pool);
  }, setUpMs);
  afterAll(() => scene.database.drop());

  const retry = (runId: string, secrets?: Record<string, unknown>) => retryRun(scene, { principal: admin, runId, ...(secrets ? { secrets } : {}) });
  const typed = async (runId: string) =>
    Object.fromEntries(
      Object.entries(await runs.sealedSecrets(runId)).map(([name, sealed]) => [name, scene.sealer.open(sealed, ['form secret', runId, name])]),
    );
  const ended = (runId: string, ago: string) => scene.database.pool.query(`UPDATE runs SET ended_at = now() - $2::interval WHERE id = $1`, [runId, ago]);
  const wipe = (runId: string) => scene.database.pool.query('DELETE FROM run_secrets WHERE run_id = $1', [runId]);

  it('rests sealed beside its run and nowhere in clear; the run knows its name alone', async () => {
    const run = await scene.deploy('sealed', { api_key: canary });
    expect(run).toMatchObject({ secrets: [{ name: 'api_key', title: 'api_key' }] });
    expect(run.inputs).not.toHaveProperty('api_key');
    expect(await getRun(scene, { principal: admin, runId: run.id })).toEqual(run);
    expect(await typed(run.id)).toEqual({ api_key: canary });
    const everything = await dump();
    for (const form of ['battery', canary, JSON.stringify(canary).slice(1, -1), Buffer.from(canary).toString('base64'), encodeURIComponent(canary)]) {
      expect(everything).not.toContain(form);
    }
  });

  it('may come apart from the properties', async () => {
    const properties = { app_name: 'apart', repo_name: 'apart', namespace: 'apart' };
    const run = await requestRun(scene, { principal: admin, action: 'deploy', properties, secrets: { api_key: canary } });
    expect(await typed(run.id)).toEqual({ api_key: canary });
  });

  it('is not asked of a run that was given none', async () => {
    const run = await scene.deploy('without');
    expect(run.secrets).toEqual([]);
    await scene.end(run.id, 'FAILED');
    await expect(retry(run.id)).resolves.toMatchObject({ id: run.id });
  });

  it('makes a request another one than that with another secret; what is kept to tell tells nothing of it', async () => {
    const properties = { app_name: 'keyed', repo_name: 'keyed', namespace: 'keyed' };
    const request = (api_key: string) => requestRun(scene, { principal: admin, action: 'deploy', properties: { ...properties, api_key }, idempotencyKey: 'k-secret' });
    const run = await request(canary);
    expect((await request(canary)).id).toBe(run.id);
    await expect(request('another secret')).rejects.toMatchObject({ code: 'idempotency_conflict' });
    const { rows } = await scene.database.pool.query<{ body_hash: string }>(`SELECT body_hash FROM idempotency_keys WHERE key = 'k-secret'`);
    expect(rows[0]?.body_hash).toMatch(/^[0-9a-f]{12}\.[\w-]{43}$/);
  });

  it('is kept when its run fails, and used by a retry that brings none', async () => {
    const run = await scene.deploy('kept', { api_key: canary });
    await scene.end(run.id, 'FAILED');
    await retry(run.id);
    expect(await typed(run.id)).toEqual({ api_key: canary });
  });

  it('is asked for again by a retry once it was wiped: by its name, until it is given', async () => {
    const run = await scene.deploy('wiped', { api_key: canary });
    await scene.end(run.id, 'FAILED');
    await wipe(run.id);
    await expect(retry(run.id)).rejects.toMatchObject({
      code: 'secrets_needed',
      message: expect.stringContaining('api_key'),
      details: [{ path: 'secrets.api_key', code: 'required', message: 'api_key is needed again.' }],
    });
    await expect(retry(run.id, { api_key: 'abc' })).rejects.toMatchObject({ code: 'invalid_input', details: [{ path: 'secrets.api_key', code: 'secret_too_short' }] });
    await expect(retry(run.id, { app_name: 'a secret' })).rejects.toMatchObject({ code: 'invalid_input', details: [{ path: 'secrets.app_name', code: 'unknown' }] });
    expect((await scene.database.pool.query('SELECT 1 FROM inbox WHERE run_id = $1', [run.id])).rowCount).toBe(0);
    await retry(run.id, { api_key: 'another secret' });
    expect(await typed(run.id)).toEqual({ api_key: 'another secret' });
  });

  it('may be replaced by a retry while it is still kept', async () => {
    const run = await scene.deploy('replaced', { api_key: canary });
    await scene.end(run.id, 'FAILED');
    await retry(run.id, { api_key: 'another secret' });
    await retry(run.id, { api_key: 'a third secret' });
    expect(await typed(run.id)).toEqual({ api_key: 'a third secret' });
  });

  it('counts as wiped a day after the end, whether housekeeping came by or not', async () => {
    const run = await scene.deploy('a-day-later', { api_key: canary });
    await scene.end(run.id, 'FAILED');
    await ended(run.id, '23 hours 59 minutes');
    await retry(run.id);
    await scene.end(run.id, 'FAILED');
    await ended(run.id, '24 hours 1 minute');
    await expect(retry(run.id)).rejects.toMatchObject({ code: 'secrets_needed' });
  });

  it('is wiped by housekeeping before a day is over, but not from under a retry', async () => {
    const names = ['young', 'old', 'old-and-called-back', 'at-work'];
    const [young, old, calledBack, atWork] = await Promise.all(names.map((name) => scene.deploy(name, { api_key: canary })));
    for (const run of [young, old, calledBack]) await scene.end(run!.id, 'FAILED');
    await ended(young!.id, '21 hours');
    for (const run of [old, calledBack]) await ended(run!.id, '22 hours 1 minute');
    await retry(calledBack!.id);
    const house = new PostgresHousekeeping(scene.database.pool, { archiveAfterDays: 30, deleteAfterDays: null });
    expect(await house.keepHouse(new AbortController().signal)).toHaveProperty('typed secrets');
    expect(await typed(old!.id)).toEqual({});
    for (const run of [young, calledBack, atWork]) expect(await typed(run!.id)).toEqual({ api_key: canary });
  });

  /** Every row of every table, as PostgreSQL prints them. */
  async function dump(): Promise<string> {
    const tables = await scene.database.pool.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
    const rows = await Promise.all(tables.rows.map(({ name }) => scene.database.pool.query(`SELECT "${name}"::text FROM "${name}"`)));
    return JSON.stringify(rows.map((found) => found.rows));
  }
});
