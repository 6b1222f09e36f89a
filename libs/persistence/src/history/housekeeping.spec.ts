import { followRunEvents, listLogLines } from '@slipway/portal';
import { admin, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';
import { PostgresHousekeeping } from './housekeeping.js';

describe('housekeeping', () => {
  let scene: PortalScene;
  const { signal } = new AbortController();
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());

  const house = (deleteAfterDays: number | null = null): PostgresHousekeeping =>
    new PostgresHousekeeping(scene.database.pool, { archiveAfterDays: 30, deleteAfterDays });

  const sql = (text: string, ...values: unknown[]) => scene.database.pool.query(text, values);

  /** Every third event is a line, as `line` numbers them; bodies of many shapes. */
  async function grow(runId: string, events: number): Promise<void> {
    await sql(
      `WITH run AS (SELECT id, last_seq, last_line FROM runs WHERE id = $1), grown AS (
         INSERT INTO events (run_id, seq, line, type, body, at)
         SELECT run.id, run.last_seq + n, CASE WHEN n % 3 = 0 THEN run.last_line + n / 3 END, CASE WHEN n % 3 = 0 THEN 'log' ELSE 'step' END,
                jsonb_build_object('message', 'ünï ' || repeat('x', n % 50) || chr(10), 'n', n / 7.0, 'none', NULL, 'stepId', 'first', 'level', 'info'),
                now() + n * interval '1 ms'
           FROM run, generate_series(1, $2::int) AS n)
       UPDATE runs SET last_seq = last_seq + $2, last_line = last_line + $2 / 3 WHERE id = $1`,
      runId,
      events,
    );
  }

  async function endedLongAgo(name: string, events: number): Promise<string> {
    const run = await scene.deploy(name);
    await grow(run.id, events);
    await scene.end(run.id, 'FAILED');
    await age(run.id);
    return run.id;
  }

  const age = (runId: string) => sql(`UPDATE runs SET ended_at = now() - interval '31 days' WHERE id = $1`, runId);

  /** All that a reader can ask, as the bytes he would get. */
  async function readings(runId: string): Promise<string[]> {
    const all: unknown[] = [];
    for (const [offset, limit] of [[0, 1], [0, 1_000], [660, 50], [666, 3], [900, 1_000], [99_999, 10]] as const) {
      all.push(await listLogLines(scene, { principal: admin, runId, offset, limit }));
    }
    for (const afterSeq of [0, 1, 1_999, 2_000, 2_001, 4_321, 99_999]) {
      const events: unknown[] = [];
      for await (const event of await followRunEvents(scene, { principal: admin, runId, afterSeq, signal })) events.push(event);
      all.push(events);
    }
    return all.map((reading) => JSON.stringify(reading));
  }

  it('packs an old run, and every reader reads on as before', async () => {
    const runId = await endedLongAgo('packed', 4_500);
    const before = await readings(runId);
    expect(before[1]).toContain('"line":1000');
    expect(await house().keepHouse(signal)).toMatchObject({ 'packed runs': 1 });
    expect((await sql('SELECT 1 FROM events WHERE run_id = $1', runId)).rowCount).toBe(0);
    expect((await sql('SELECT 1 FROM packed_events WHERE run_id = $1', runId)).rowCount).toBe(3);
    expect(await readings(runId)).toEqual(before);
    expect(await house().keepHouse(signal)).toEqual({});
  }, 30_000);

  it('reads across the seam of a run that was called back, and packs it anew', async () => {
    const runId = await endedLongAgo('called-back', 2_100);
    await house().keepHouse(signal);
    await grow(runId, 700);
    const before = await readings(runId);
    expect(JSON.parse(before[6] ?? '')).toHaveLength(1 + 2_100 + 1 + 700);
    await sql('UPDATE runs SET ended_at = NULL WHERE id = $1', runId);
    expect(await house().keepHouse(signal)).toEqual({});
    await sql('UPDATE runs SET ended_at = now() WHERE id = $1', runId);
    expect(await house().keepHouse(signal)).toEqual({});
    await sql(`UPDATE runs SET ended_at = now() - interval '40 days', archived_at = now() - interval '50 days' WHERE id = $1`, runId);
    expect(await house().keepHouse(signal)).toEqual({ 'packed runs': 1 });
    expect(await readings(runId)).toEqual(before);
  }, 30_000);

  it('misses and doubles nothing for a reader who reads while it packs', async () => {
    const runId = await endedLongAgo('meanwhile', 6_000);
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const event of await followRunEvents(scene, { principal: admin, runId, afterSeq: 0, signal })) seqs.push(event.seq);
    })();
    await house().keepHouse(signal);
    await reading;
    expect(seqs).toEqual(Array.from({ length: 6_002 }, (_, n) => n + 1));
  }, 30_000);

  it('is done by one at a time', async () => {
    const runs = await Promise.all(Array.from({ length: 6 }, (_, n) => endedLongAgo(`both-${'abcdef'[n]}`, 300)));
    const done = await Promise.all([house().keepHouse(signal), house().keepHouse(signal), house().keepHouse(signal)]);
    const packed = done.reduce((sum, swept) => sum + (swept?.['packed runs'] ?? 0), 0);
    expect(packed).toBe(runs.length);
    expect(done.filter((swept) => swept === null).length).toBeGreaterThan(0);
    const rows = await sql('SELECT run_id FROM packed_events WHERE run_id = ANY ($1)', runs);
    expect(rows.rowCount).toBe(runs.length);
  }, 30_000);

  it('deletes packed history only where it was told to', async () => {
    const runId = await endedLongAgo('purged', 10);
    await house().keepHouse(signal);
    expect(await house(100).keepHouse(signal)).toEqual({});
    expect(await house(31).keepHouse(signal)).toMatchObject({ 'packed events': expect.any(Number) });
    expect(await listLogLines(scene, { principal: admin, runId })).toEqual([]);
    const events: unknown[] = [];
    for await (const event of await followRunEvents(scene, { principal: admin, runId, afterSeq: 0, signal })) events.push(event);
    expect(events).toEqual([]);
  });

  it('deletes what has had its time, and nothing younger', async () => {
    const run = await scene.deploy('timed');
    await sql(`INSERT INTO signals (key, sent_at) VALUES ('old', now() - interval '8 days'), ('young', now() - interval '6 days')`);
    await sql(
      `INSERT INTO inbox (run_id, kind, created_at, acknowledged_at)
       VALUES ($1, 'signal', now(), now() - interval '8 days'), ($1, 'signal', now(), now() - interval '6 days'), ($1, 'signal', now() - interval '9 days', NULL)`,
      run.id,
    );
    await sql(
      `INSERT INTO idempotency_keys (caller, action, key, body_hash, run_id, created_at)
       VALUES ('ci', 'deploy', 'old', '', '', now() - interval '25 hours'), ('ci', 'deploy', 'young', '', '', now() - interval '23 hours')`,
    );
    await sql(
      `INSERT INTO webhook_deliveries (provider, delivery_id, event, body, digest, received_at, processed_at)
       VALUES ('github', 'old', '', '', '', now(), now() - interval '31 days'), ('github', 'young', '', '', '', now(), now()),
              ('github', 'open', '', '', '', now() - interval '40 days', NULL)`,
    );
    expect(await house().keepHouse(signal)).toEqual({ signals: 1, 'inbox messages': 1, 'idempotency keys': 1, 'webhook deliveries': 1 });
  });

  it('keeps each archive that something may still need', async () => {
    const put = (digest: string, age = '2 days') =>
      sql(`INSERT INTO archives (digest, bytes, created_at) VALUES ($1, '', now() - $2::interval)`, digest, age);
    const names = ['running', 'retried', 'moved', 'done'] as const;
    for (const name of names) {
      const run = await scene.deploy(`archive-${name}`);
      await put(`workspace-${name}`);
      await put(`template-${name}`);
      const status = { running: 'RUNNING', retried: 'FAILED', moved: 'FAILED', done: 'SUCCEEDED' }[name];
      await sql('UPDATE runs SET workspace_digest = $2, template_digest = $3, status = $4 WHERE id = $1', run.id, `workspace-${name}`, `template-${name}`, status);
    }
    await sql(`UPDATE entities SET mark = 'another' WHERE identifier = 'archive-moved'`);
    await put('nobody-young', '1 hour');
    await put('nobody-old');
    await sql(`UPDATE archives SET created_at = now() - interval '2 days' WHERE digest IN (SELECT template_digest FROM actions)`);
    await house().keepHouse(signal);
    const left = await sql(`SELECT digest FROM archives WHERE digest !~ '^[0-9a-f]{64}$' ORDER BY digest`);
    expect(left.rows.map((row) => row.digest)).toEqual(['nobody-young', 'template-retried', 'template-running', 'workspace-retried', 'workspace-running']);
    expect((await sql('SELECT 1 FROM actions JOIN archives ON digest = template_digest')).rowCount).toBeGreaterThan(0);
  });
});
