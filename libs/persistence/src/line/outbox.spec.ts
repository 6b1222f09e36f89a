import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { PostgresOutbox } from './outbox.js';

const setUpMs = 60_000;

describe('the line of waiting runs', () => {
  let database: TestDatabase;
  let outbox: PostgresOutbox;
  beforeAll(async () => (database = await createTestDatabase()), setUpMs);
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.pool.query('TRUNCATE runs, outbox, inbox, pauses CASCADE');
    outbox = new PostgresOutbox(database.pool);
  });

  let number = 0;
  /** Queued runs, each on an entity of its own; their rows lie in the outbox in this order. */
  async function queue(team: string | null, count: number): Promise<string[]> {
    const first = number;
    number += count;
    const added = await database.pool.query<{ id: string }>(
      `WITH run AS (
         INSERT INTO runs (id, action, operation, blueprint, entity, team, status, inputs, requested_by, plan, template_digest, mark)
         SELECT 'r_' || lpad(n::text, 8, '0'), 'deploy', 'CREATE', 'service', 'app' || n, $3, 'QUEUED', '{}', 'dana', '{}', '', ''
           FROM generate_series($1::int, $2::int) AS n
         RETURNING id
       ), posted AS (INSERT INTO outbox (run_id, team) SELECT id, coalesce($3, '') FROM run ORDER BY id)
       SELECT id FROM run ORDER BY id`,
      [first, first + count - 1, team],
    );
    return added.rows.map((row) => row.id);
  }

  async function take(limit: number): Promise<string[]> {
    const taken: string[] = [];
    await outbox.take(limit, async (runIds) => void taken.push(...runIds));
    return taken;
  }

  async function set(runId: string, columns: string): Promise<void> {
    await database.pool.query(`UPDATE runs SET ${columns} WHERE id = $1`, [runId]);
  }

  describe('take', () => {
    it('goes round the teams by turns, each in the order of its requests', async () => {
      const a = await queue('a', 5);
      const b = await queue('b', 2);
      const nobody = await queue(null, 2);
      expect(await take(6)).toEqual([a[0], b[0], nobody[0], a[1], b[1], nobody[1]]);
      expect(await take(6)).toEqual([a[2], a[3], a[4]]);
      expect(await take(6)).toEqual([]);
    });

    it('serves another team at once behind 10,000 requests of one', async () => {
      await queue('many', 10_000);
      const [only] = await queue('one', 1);
      expect(await take(10)).toContain(only);
    });

    it('puts what has begun before all turns', async () => {
      const [a] = await queue('a', 1);
      await database.pool.query(`INSERT INTO outbox (run_id) VALUES ('r_begun')`);
      expect(await take(1)).toEqual(['r_begun']);
      expect(await take(1)).toEqual([a]);
    });

    it('comes round to every team when there are more of them than places', async () => {
      const expected = new Set<string>();
      for (const team of ['a', 'b', 'c', 'd', 'e']) expected.add((await queue(team, 3))[0] ?? '');
      const taken = [...(await take(2)), ...(await take(2)), ...(await take(2))];
      for (const runId of expected) expect(taken).toContain(runId);
    });

    it('hands over no new run that somebody has begun with, and takes it out all the same', async () => {
      const [held = '', ended = '', waiting] = await queue('a', 3);
      await set(held, `lease_owner = 'w', lease_until = now() + interval '5 seconds'`);
      await set(ended, `status = 'SUCCEEDED'`);
      expect(await outbox.take(10, async (runIds) => expect(runIds).toEqual([waiting]))).toMatchObject({ moved: 3 });
      expect((await database.pool.query('SELECT 1 FROM outbox')).rowCount).toBe(0);
    });

    it('hands over what was woken, though somebody holds it', async () => {
      const [held = ''] = await queue('a', 1);
      await take(10);
      await set(held, `status = 'RUNNING', lease_owner = 'w', lease_until = now() + interval '5 seconds'`);
      await database.pool.query('INSERT INTO outbox (run_id) VALUES ($1)', [held]);
      expect(await take(10)).toEqual([held]);
    });

    it('keeps what could not be handed over', async () => {
      const [run] = await queue('a', 1);
      await expect(outbox.take(10, () => Promise.reject(new Error('Redis is away')))).rejects.toThrow('Redis is away');
      expect(await take(10)).toEqual([run]);
    });

    it('hands nothing over twice while several take at once', async () => {
      const runs = await queue('a', 300);
      runs.push(...(await queue('b', 300)));
      const taken = (await Promise.all(Array.from({ length: 4 }, () => takeAll()))).flat();
      expect(taken.sort()).toEqual(runs.sort());
    });

    it('leaves new runs where they are while they are paused, and hands on those that have begun', async () => {
      const [run] = await queue('a', 1);
      await database.pool.query(`INSERT INTO outbox (run_id) VALUES ('r_begun')`);
      await database.pool.query(`INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', 'maintenance', 'ci')`);
      expect(await take(10)).toEqual(['r_begun']);
      await database.pool.query('DELETE FROM pauses');
      expect(await take(10)).toEqual([run]);
    });
  });

  describe('sweep', () => {
    it.each([
      ['a wait that is over', `status = 'WAITING', wake_at = now() - interval '1 second'`, true],
      ['a wait that is not', `status = 'WAITING', wake_at = now() + interval '1 minute'`, false],
      ['a run that a stopping worker handed on', `status = 'RUNNING', wake_at = now() - interval '1 second'`, true],
      ['a run whose worker died', `status = 'RUNNING', wake_at = NULL, lease_owner = 'w', lease_until = now() - interval '1 second'`, true],
      ['a run whose worker lives', `status = 'RUNNING', wake_at = NULL, lease_owner = 'w', lease_until = now() + interval '5 seconds'`, false],
      ['a new run whose worker died at once', `wake_at = NULL, lease_owner = 'w', lease_until = now() - interval '1 second'`, true],
      ['an ended run whose worker died over a message', `status = 'FAILED', wake_at = NULL, lease_owner = 'w', lease_until = now() - interval '1 second'`, true],
      ['a new run that was just handed over', `wake_at = now() + interval '3 seconds'`, false],
      ['a new run whose job got lost', `wake_at = now() - interval '1 second'`, true],
      ['an ended run', `status = 'SUCCEEDED', wake_at = now() - interval '1 day'`, false],
    ])('%s', async (_what, columns, found) => {
      const [run = ''] = await queue('a', 1);
      await take(10);
      await set(run, columns);
      await outbox.sweep(100);
      expect(await take(10)).toEqual(found ? [run] : []);
    });

    it('asks once for each, whoever sweeps and however often', async () => {
      const runs = await queue('a', 50);
      await take(100);
      for (const run of runs) await set(run, `status = 'WAITING', wake_at = now() - interval '1 second'`);
      await Promise.all(Array.from({ length: 4 }, () => outbox.sweep(100)));
      await outbox.sweep(100);
      expect((await take(1_000)).sort()).toEqual(runs);
      await outbox.sweep(100);
      expect(await take(100)).toEqual([]);
    });

    it('brings back the job of a message that got lost, also to an ended run', async () => {
      const [ended = '', waiting = ''] = await queue('a', 2);
      await take(10);
      await set(ended, `status = 'FAILED', wake_at = NULL`);
      await set(waiting, `status = 'WAITING', wake_at = now() + interval '1 day'`);
      for (const run of [ended, waiting]) {
        await database.pool.query(`INSERT INTO inbox (run_id, kind, created_at) VALUES ($1, 'undo', now() - interval '6 seconds')`, [run]);
      }
      await outbox.sweep(100);
      await outbox.sweep(100);
      expect((await take(10)).sort()).toEqual([ended, waiting]);
    });

    it('asks once for what an ended run could not remove, when its time has come', async () => {
      const runs = await queue('a', 4);
      await take(10);
      const [due = '', later = '', working = '', told = ''] = runs;
      await database.pool.query(`UPDATE runs SET status = 'FAILED', wake_at = NULL`);
      await set(working, `status = 'UNDOING', lease_owner = 'w', lease_until = now() + interval '6 seconds'`);
      await database.pool.query(`INSERT INTO inbox (run_id, kind) VALUES ($1, 'undo')`, [told]);
      for (const run of runs) {
        await database.pool.query(
          `INSERT INTO resources (run_id, blueprint, entity, kind, external_id, title, state, step_id, depth, removal)
           VALUES ($1, 'service', 'it', 'k', 'x', 't', 'REMOVE_FAILED', 's', 0, jsonb_build_object('until', now() + $2::interval))`,
          [run, run === later ? '1 minute' : '0 seconds'],
        );
      }
      await Promise.all([outbox.sweep(100), outbox.sweep(100)]);
      await outbox.sweep(100);
      expect(await take(10)).toEqual([due]);
      const messages = await database.pool.query(`SELECT run_id, body FROM inbox WHERE body <> '{}'`);
      expect(messages.rows).toEqual([{ run_id: due, body: { automatic: true } }]);
    });

    it('leaves a run that waits behind another of its entity to the end of that one', async () => {
      const [first = '', second = ''] = await queue('a', 2);
      await set(second, `entity = (SELECT entity FROM runs WHERE id = '${first}')`);
      await take(10);
      await database.pool.query(`UPDATE runs SET wake_at = now() - interval '1 second'`);
      await outbox.sweep(100);
      expect(await take(10)).toEqual([first]);
    });

    it('leaves lost new runs alone while they are paused', async () => {
      const [run = ''] = await queue('a', 1);
      await take(10);
      await set(run, 'wake_at = now()');
      await database.pool.query(`INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', 'maintenance', 'ci')`);
      expect(await outbox.sweep(100)).toBe(0);
      await database.pool.query('DELETE FROM pauses');
      expect(await outbox.sweep(100)).toBe(1);
    });
  });

  it('doubles none of 100,000 runs in it', async () => {
    await queue('many', 90_000);
    await queue('few', 10_000);
    await database.pool.query('ANALYZE runs, outbox');
    expect(await outbox.sweep(1_000)).toBe(0);
    for (let i = 0; i < 100; i++) await take(100);
    // On a busy machine the first of those count as lost by now.
    const lost = await outbox.sweep(1_000);
    const rows = await database.pool.query('SELECT count(*)::int AS count, count(DISTINCT run_id)::int AS runs FROM outbox');
    expect(rows.rows[0]).toEqual({ count: 90_000 + lost, runs: 90_000 + lost });
  }, setUpMs);

  async function takeAll(): Promise<string[]> {
    const all: string[] = [];
    for (;;) {
      const some = await take(50);
      if (some.length === 0) return all;
      all.push(...some);
    }
  }
});
