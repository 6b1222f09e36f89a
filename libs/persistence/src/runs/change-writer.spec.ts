import { type Lease, LeaseLost, type NewEvent, type RunChange, type StepRecord } from '@slipway/engine';
import { inTransaction } from '../portal/in-transaction.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { type Write, shapeOf, statementFor } from './change-statement.js';
import { ChangeWriter } from './change-writer.js';

describe('what several runs record at the same time', () => {
  let database: TestDatabase;
  let writer: ChangeWriter;
  beforeAll(async () => (database = await createTestDatabase()), 60_000);
  afterAll(() => database.drop());
  beforeEach(() => (writer = new ChangeWriter(database.pool)));

  let number = 0;
  /** Runs that are held. */
  async function runs(count: number): Promise<Lease[]> {
    const ids = Array.from({ length: count }, () => `r_together${number++}`);
    await database.pool.query(
      `INSERT INTO runs (id, action, operation, blueprint, entity, status, inputs, requested_by, plan, template_digest, mark, lease_owner, fence)
       SELECT id, 'a', 'DAY-2', 'service', id, 'RUNNING', '{}', 'ci', '{}', '', '', 'w', 1 FROM unnest($1::text[]) AS id`,
      [ids],
    );
    return ids.map((runId) => ({ runId, owner: 'w', fence: 1 }));
  }

  const line = (message: string): NewEvent => ({ type: 'log', stepId: null, level: 'info', message });

  async function history(leases: Lease[]) {
    const found = await database.pool.query<{ run_id: string; seq: number; line: number; message: string; transaction: string }>(
      `SELECT run_id, seq, line, body ->> 'message' AS message, xmin::text AS transaction FROM events WHERE run_id = ANY ($1) ORDER BY run_id, seq`,
      [leases.map(({ runId }) => runId)],
    );
    return found.rows;
  }

  it('travels in few statements, and each run has its own numbers', async () => {
    const leases = await runs(60);
    for (const round of [1, 2]) await Promise.all(leases.map((lease) => writer.write(lease, { events: [line(`${lease.runId} ${round}`)] })));
    const rows = await history(leases);
    expect(rows).toHaveLength(120);
    for (const row of rows) expect(row).toMatchObject({ line: row.seq, message: `${row.run_id} ${row.seq}` });
    expect(new Set(rows.map((row) => row.transaction)).size).toBeLessThanOrEqual(8);
  });

  const step: StepRecord = {
    ...{ id: 's0', status: 'RUNNING', attempt: 1, failures: 0, losses: 0, parent: null, item: null, each: null, input: {}, output: null },
    ...{ failure: null, wait: null, startedAt: new Date(), endedAt: null },
  };

  it.each([
    ['a step of one run', [step]],
    ['an item of one run', [{ ...step, parent: 's0' }]],
    ['steps of several runs', [step, step]],
  ])('finds each step by its whole key, however empty the tables are when it is planned: %s', async (_, steps) => {
    const leases = await runs(steps.length);
    const writes = leases.map((lease, index): Write => {
      const change = { steps: steps.slice(index, index + 1), events: [line('x')] };
      return { lease, change, shape: shapeOf(change) };
    });
    const plan = await inTransaction(database.pool, async (connection) => {
      // Which they would be read by once they are known to be small.
      await connection.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
      return connection.query<Record<string, string>>(`EXPLAIN (GENERIC_PLAN, COSTS off) ${statementFor(writes).text}`);
    });
    const conditions = plan.rows.map((row) => row['QUERY PLAN'] ?? '').filter((row) => row.includes('Index Cond'));
    expect(conditions).toEqual([expect.stringMatching(/\(id = [^ ]+\)/), expect.stringMatching(/run_id = .*AND \(id = /)]);
  });

  it('is the same for a run by itself as for one among others', async () => {
    const failure = { code: 'x', message: 'It failed.' };
    const wait = { for: 'retry' as const, until: new Date(), reason: 'Trying again.', state: ['a', null] };
    const changes: RunChange[] = [
      { run: { status: 'RUNNING', startedAt: new Date() }, steps: [step], events: [{ type: 'run', status: 'RUNNING', failure: null }, line('a "line"')] },
      { steps: [{ ...step, status: 'WAITING', failures: 1, failure, wait }], events: [line('b')] },
      { steps: [{ ...step, status: 'SUCCEEDED', output: 'text', endedAt: new Date() }, { ...step, id: 's1', input: { list: [1] } }], events: [line('c'), line('d')] },
      { run: { status: 'FAILED', failure }, steps: [{ ...step, id: 's1', status: 'FAILED', output: [0] }], events: [line('e')] },
    ];
    const [alone, ...others] = await runs(4);
    await database.pool.query(`INSERT INTO steps (run_id, id, position, status) SELECT id, step, 0, 'PENDING' FROM runs, unnest('{s0,s1}'::text[]) AS step WHERE id = ANY ($1)`, [
      [alone, ...others].map((lease) => lease?.runId),
    ]);
    for (const change of changes) {
      await writer.write(alone as Lease, change);
      await Promise.all(others.map((lease) => writer.write(lease, change)));
    }
    const recorded = await Promise.all([alone, ...others].map((lease) => recordedOf(lease as Lease)));
    expect(recorded[0]?.events).toHaveLength(6);
    expect(recorded.slice(1)).toEqual([recorded[0], recorded[0], recorded[0]]);
  });

  async function recordedOf({ runId }: Lease) {
    const { rows } = await database.pool.query<{ events: unknown[] }>(
      `SELECT status, failure, started_at, last_seq, last_line, lease_owner,
              (SELECT json_agg(to_jsonb(step) - 'run_id' ORDER BY id) FROM steps AS step WHERE run_id = $1) AS steps,
              (SELECT json_agg(to_jsonb(event) - 'run_id' - 'at' ORDER BY seq) FROM events AS event WHERE run_id = $1) AS events
         FROM runs WHERE id = $1`,
      [runId],
    );
    return rows[0];
  }

  it('is refused for the run alone whose lease is lost', async () => {
    const leases = await runs(9);
    const lost = { ...(leases[4] as Lease), fence: 2 };
    leases[4] = lost;
    const written = await Promise.allSettled(leases.map((lease) => writer.write(lease, { events: [line('x')] })));
    expect(written.map(({ status }) => status === 'rejected')).toEqual(leases.map((lease) => lease === lost));
    expect(written[4]).toMatchObject({ reason: expect.any(LeaseLost) as unknown });
    expect((await history(leases)).map((row) => row.run_id)).not.toContain(lost.runId);
  });

  it('fails for the run alone whose change the database refuses', async () => {
    const leases = await runs(9);
    const written = await Promise.allSettled(leases.map((lease, index) => writer.write(lease, { events: [line(index === 4 ? 'a \0' : 'x')] })));
    expect(written.map(({ status }) => status)).toEqual(leases.map((_, index) => (index === 4 ? 'rejected' : 'fulfilled')));
    expect(await history(leases)).toHaveLength(8);
  });

  it('is not written again when nobody knows whether it was', async () => {
    const leases = await runs(3);
    const blocking = await database.pool.connect();
    try {
      await blocking.query('BEGIN');
      await blocking.query('SELECT 1 FROM runs WHERE id = $1 FOR UPDATE', [leases[1]?.runId]);
      const writing = Promise.allSettled(leases.map((lease) => writer.write(lease, { events: [line('x')] })));
      let broken = 0;
      while (broken === 0) {
        const found = await blocking.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        broken = found.rowCount ?? 0;
      }
      await blocking.query('COMMIT');
      // The first found nothing under way, and went alone.
      expect((await writing).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect((await history(leases)).map((row) => row.run_id)).toEqual([leases[0]?.runId]);
    } finally {
      blocking.release();
    }
  });
});
