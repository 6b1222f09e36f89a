import type { Lease, RunRecord, StepRecord } from '@slipway/engine';
import { aRun, aStep, exerciseRunStore } from '@slipway/engine/testing';
import type pg from 'pg';
import { lockIsWaitedFor } from '../testing/lock-is-waited-for.js';
import { type TestDatabase, createTestDatabase } from '../testing/test-database.js';
import { PostgresRunStore } from './run-store.js';

describe('PostgresRunStore', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.drop());

  it.each([
    ['waits', async (store: PostgresRunStore, lease: Lease) => {
      await store.record(lease, { run: { status: 'RUNNING' } });
      await store.record(lease, { run: { status: 'WAITING' } });
      await store.release(lease, new Date());
    }],
    ['lost its worker at once', async (_store: PostgresRunStore, { runId }: Lease) => {
      await database.pool.query(`UPDATE runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
    }],
  ])('lets a run that %s go on, though one comes to light that was asked for before it', async (what, happens) => {
    const { pool } = database;
    const store = new PostgresRunStore(pool);
    const entity = { blueprint: 'service', identifier: `overtaken ${what}` };
    const [first, overtaken] = [aRun({ id: `r_first ${what}`, entity }), aRun({ id: `r_overtaken ${what}`, entity })];
    await addRun(pool, first, []);
    const claim = await store.claim(first.id, 'a', 10_000);
    await addRun(pool, overtaken, []);
    await pool.query(`UPDATE runs SET created_at = created_at - interval '1 hour' WHERE id = $1`, [overtaken.id]);
    await happens(store, claim?.lease ?? { runId: first.id, owner: '', fence: 0 });
    expect(await store.claim(overtaken.id, 'b', 10_000)).toBeNull();
    expect(await store.claim(first.id, 'b', 10_000)).not.toBeNull();
  });

  it('hands over what the last holder wrote while the claim waited for it', async () => {
    const { pool } = database;
    const store = new PostgresRunStore(pool);
    const run = aRun({ id: 'r_late_write', entity: { blueprint: 'service', identifier: 'late-write' } });
    await addRun(pool, run, [aStep('one')]);
    await store.claim(run.id, 'old', 10_000);
    await pool.query(`UPDATE runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [run.id]);
    const writing = await pool.connect();
    try {
      await writing.query('BEGIN');
      await writing.query('UPDATE runs SET last_seq = 7 WHERE id = $1', [run.id]);
      await writing.query(`UPDATE steps SET status = 'SUCCEEDED' WHERE run_id = $1`, [run.id]);
      const claiming = store.claim(run.id, 'young', 10_000);
      await lockIsWaitedFor(pool);
      await writing.query('COMMIT');
      expect((await claiming)?.steps.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    } finally {
      writing.release();
    }
  });

  it('asks for another job when a message came while the lease was given back', async () => {
    const { pool } = database;
    const store = new PostgresRunStore(pool);
    const run = aRun({ id: 'r_late_word', entity: { blueprint: 'service', identifier: 'late-word' } });
    await addRun(pool, run, []);
    const claim = await store.claim(run.id, 'a', 10_000);
    if (!claim) throw new Error('The run could not be claimed.');
    const telling = await pool.connect();
    try {
      // As a demand does: the run is locked, then its inbox is written.
      await telling.query('BEGIN');
      await telling.query('SELECT 1 FROM runs WHERE id = $1 FOR UPDATE', [run.id]);
      const releasing = store.release(claim.lease, null);
      await lockIsWaitedFor(pool);
      await telling.query(`INSERT INTO inbox (run_id, kind) VALUES ($1, 'cancel')`, [run.id]);
      await telling.query('COMMIT');
      expect(await releasing).toBe(true);
      expect((await pool.query('SELECT 1 FROM outbox WHERE run_id = $1', [run.id])).rowCount).toBe(1);
    } finally {
      telling.release();
    }
  });

  it('wakes the next in line when the two before it are cancelled in the same instant', async () => {
    const { pool } = database;
    const store = new PostgresRunStore(pool);
    const ids = ['r_first', 'r_second', 'r_third'];
    for (const id of ids) await addRun(pool, aRun({ id, entity: { blueprint: 'service', identifier: 'in-line' } }), []);
    await pool.query(`INSERT INTO inbox (run_id, kind) VALUES ('r_first', 'cancel'), ('r_second', 'cancel')`);
    const claims = await Promise.all(['r_first', 'r_second'].map((id) => store.claim(id, id, 10_000)));
    const holding = await pool.connect();
    try {
      // Until both have begun to end, so that neither sees the other's end.
      await holding.query('BEGIN');
      await holding.query('SELECT 1 FROM runs WHERE id = ANY ($1) FOR UPDATE', [ids]);
      const ending = claims.map(async (claim) => {
        if (!claim) throw new Error('The run could not be claimed.');
        return store.record(claim.lease, { run: { status: 'CANCELLED' }, acknowledge: claim.inbox.map(({ id }) => id) });
      });
      await lockIsWaitedFor(pool, 2);
      await holding.query('COMMIT');
      await Promise.all(ending);
    } finally {
      holding.release();
    }
    const woken = await pool.query<{ run_id: string }>('SELECT DISTINCT run_id FROM outbox WHERE run_id = ANY ($1)', [ids]);
    expect(woken.rows).toEqual([{ run_id: 'r_third' }]);
  });

  exerciseRunStore(() => ({
    store: new PostgresRunStore(database.pool),
    add: (run, steps) => addRun(database.pool, run, steps),
    async tell(runId, kind, body = {}) {
      await database.pool.query('INSERT INTO inbox (run_id, kind, body) VALUES ($1, $2, $3)', [runId, kind, body]);
    },
    async send(key, body) {
      await database.pool.query('INSERT INTO signals (key, body) VALUES ($1, $2)', [key, JSON.stringify(body)]);
    },
    async pause(paused) {
      if (paused) await database.pool.query(`INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', 'a test', 'nobody')`);
      else await database.pool.query(`DELETE FROM pauses WHERE scope = 'runs'`);
    },
    async events(runId) {
      return (await database.pool.query('SELECT seq, line, type FROM events WHERE run_id = $1 ORDER BY seq', [runId])).rows;
    },
    async expireLease(runId) {
      await database.pool.query(`UPDATE runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
    },
    async keepSecrets(runId, sealed) {
      await database.pool.query('INSERT INTO run_secrets SELECT $1, key, value FROM jsonb_each_text($2)', [runId, JSON.stringify(sealed)]);
    },
  }));
});

async function addRun(pool: pg.Pool, run: RunRecord, steps: StepRecord[]): Promise<void> {
  await pool.query(
    `INSERT INTO runs (id, action, operation, blueprint, entity, status, inputs, requested_by, plan, template_digest, mark)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [run.id, run.action, run.operation, run.entity.blueprint, run.entity.identifier, run.status, run.inputs, run.requestedBy, run.plan, run.templateDigest, run.mark],
  );
  for (const [position, step] of steps.entries()) {
    await pool.query('INSERT INTO steps (run_id, id, position, status) VALUES ($1, $2, $3, $4)', [run.id, step.id, position, step.status]);
  }
}
