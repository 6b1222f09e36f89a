import { setTimeout as pause } from 'node:timers/promises';
import { PostgresOutbox, PostgresRunStore } from '@slipway/persistence';
import { createTestDatabase, type TestDatabase } from '@slipway/persistence/testing';
import { BullRunQueue, openRedis, Relay, RunWorker } from '@slipway/queue';
import { PrivateRedis } from '@slipway/queue/testing';

const concurrency = 4;

/** The line, the relay and the queue together, on stores of their own; a run takes 2 ms and then has ended. */
describe('from the line to a worker', () => {
  let database: TestDatabase;
  let server: PrivateRedis;
  beforeAll(async () => {
    [database, server] = await Promise.all([createTestDatabase(), PrivateRedis.start()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([database.drop(), server.kill()]);
  });
  beforeEach(async () => {
    await server.restart();
    await database.pool.query('TRUNCATE runs, outbox, inbox, pauses CASCADE');
  });

  let number = 0;
  async function queue(team: string, count: number, { posted = true } = {}): Promise<string[]> {
    const first = (number += count) - count;
    const added = await database.pool.query<{ id: string }>(
      `WITH run AS (
         INSERT INTO runs (id, action, operation, blueprint, entity, team, status, inputs, requested_by, plan, template_digest, mark)
         SELECT 'r_' || n, 'deploy', 'CREATE', 'service', 'app' || n, $3, 'QUEUED', '{}', 'dana', '{}', '', ''
           FROM generate_series($1::int, $2::int) AS n
         RETURNING id
       ), posted AS (INSERT INTO outbox (run_id, team) SELECT id, $3 FROM run WHERE $4)
       SELECT id FROM run`,
      [first, first + count - 1, team, posted],
    );
    return added.rows.map((row) => row.id);
  }

  const stops: Array<() => Promise<void>> = [];
  afterEach(async () => void (await Promise.all(stops.splice(0).map((stop) => stop()))));

  /** `looks`: each second, as ever. */
  function start({ window = 2 * concurrency, looks = true, work = (): Promise<unknown> => pause(2) } = {}) {
    const redis = openRedis(server.url);
    const patient = openRedis(server.url, { patient: true });
    const jobs = new BullRunQueue(redis);
    const errors: unknown[] = [];
    const relay = new Relay(new PostgresOutbox(database.pool), jobs, { window, onError: (error) => errors.push(error) });
    const store = new PostgresRunStore(database.pool);
    const offered: string[] = [];
    const begun: string[] = [];
    const worker = new RunWorker({
      redis: patient,
      concurrency,
      advance: async (runId) => {
        offered.push(runId);
        const claim = await store.claim(runId, 'spec', 60_000);
        if (!claim) return;
        begun.push(runId);
        await work();
        await store.record(claim.lease, { run: { status: 'RUNNING' } });
        await store.record(claim.lease, { run: { status: 'SUCCEEDED' } });
      },
      onError: (error) => errors.push(error),
      onEnded: () => relay.jobEnded(),
      onDrained: () => relay.ranEmpty(),
    });
    if (looks) relay.start();
    stops.push(async () => {
      await Promise.all([worker.stop(), relay.stop()]);
      await jobs.close();
      patient.disconnect();
      redis.disconnect();
    });
    return { relay, redis, offered, begun, errors };
  }

  it('one team’s 10,000 requests delay another’s one by no more than what was handed over', async () => {
    await queue('many', 10_000);
    const { relay, begun } = start();
    await until(() => begun.length > 50);
    const before = begun.length;
    const [only = ''] = await queue('one', 1);
    relay.kick(only);
    await until(() => begun.includes(only));
    expect(begun.indexOf(only) - before).toBeLessThan(100);
    expect(begun.length).toBeLessThan(9_000);
  }, 60_000);

  it('begins with a new run before its row is out of the line, where nobody waits', async () => {
    const { relay, begun, errors } = start();
    const [only = ''] = await queue('a', 1, { posted: false });
    const connection = await database.pool.connect();
    await connection.query('BEGIN');
    await connection.query(`INSERT INTO outbox (run_id, team) VALUES ($1, 'a')`, [only]);
    // Nobody else sees the row, so the relay finds the line empty; it is told until it has seen that.
    await until(() => {
      relay.kick(only);
      return begun.length > 0;
    });
    await connection.query('COMMIT');
    connection.release();
    await until(async () => (await database.pool.query('SELECT 1 FROM outbox')).rowCount === 0);
    expect(begun).toEqual([only]);
    expect(errors).toEqual([]);
  }, 60_000);

  it('puts a new run back into the line that it could not hand over', async () => {
    // Without the sweep, which would find a run that got lost.
    const { relay, redis, begun, errors } = start({ looks: false });
    await until(() => redis.status === 'ready');
    const [first = '', only = ''] = await queue('a', 2, { posted: false });
    await until(() => {
      relay.kick(first);
      return begun.length > 0;
    });
    // So that no job can be added, and all else works.
    await redis.set('bull:slipway-runs:id', 'no number');
    await database.pool.query(`INSERT INTO outbox (run_id, team) VALUES ($1, 'a')`, [only]);
    relay.kick(only);
    await until(() => errors.length > 0);
    await redis.del('bull:slipway-runs:id');
    await until(() => {
      relay.kick();
      return begun.length > 1;
    });
    expect(begun).toEqual([first, only]);
  }, 60_000);

  it('has a new run wait behind others, though the relay was told of it', async () => {
    const runs = await queue('many', 60);
    const end = Promise.withResolvers<void>();
    const { relay, redis, begun } = start({ work: () => end.promise });
    await until(() => begun.length === concurrency);
    const [last = ''] = await queue('many', 1);
    relay.kick(last);
    await until(async () => (await redis.llen('bull:slipway-runs:wait')) === 2 * concurrency);
    end.resolve();
    await until(() => begun.length === runs.length + 1);
    expect(begun.indexOf(last)).toBeGreaterThan(runs.length - 3 * concurrency);
  }, 60_000);

  it('keeps no more in Redis than the workers can soon take, and begins with each run once', async () => {
    const runs = await queue('many', 400);
    const { redis, begun, errors } = start();
    let most = 0;
    await until(async () => {
      most = Math.max(most, await redis.llen('bull:slipway-runs:wait').catch(() => 0));
      return begun.length === runs.length;
    });
    expect(most).toBeLessThanOrEqual(2 * concurrency);
    expect(new Set(begun).size).toBe(runs.length);
    expect(errors).toEqual([]);
  }, 60_000);

  it('fills a queue that ran empty though no run has ended', async () => {
    const runs = await queue('a', concurrency);
    const end = Promise.withResolvers<void>();
    const { relay, redis, begun } = start({ window: 2, looks: false, work: () => end.promise });
    await until(() => redis.status === 'ready');
    relay.kick();
    await until(() => begun.length === runs.length);
    end.resolve();
  }, 60_000);

  it('loses nothing when Redis is flushed, or killed and back empty', async () => {
    const runs = await queue('many', 300);
    const { begun } = start();
    await until(() => begun.length > 50);
    await server.command('FLUSHALL');
    await until(() => begun.length > 150);
    await server.restart();
    await until(() => begun.length === runs.length);
    expect(new Set(begun).size).toBe(runs.length);
  }, 60_000);

  it('brings no job of a new run into the queue while new runs are paused, though nobody else waits', async () => {
    await database.pool.query(`INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', 'maintenance', 'ci')`);
    const { relay, redis, offered, begun } = start({ looks: false });
    await until(() => redis.status === 'ready');
    async function wake(): Promise<void> {
      const [woken = ''] = await queue('a', 1, { posted: false });
      await database.pool.query(`UPDATE runs SET status = 'WAITING' WHERE id = $1`, [woken]);
      await database.pool.query('INSERT INTO outbox (run_id) VALUES ($1)', [woken]);
      relay.kick();
      await until(() => begun.includes(woken));
    }
    // The relay has seen the line once the second has begun: it takes the next only when it is through with the last.
    await wake();
    await wake();
    const [held = ''] = await queue('a', 1);
    relay.kick(held);
    // Jobs are worked on in their order, so one of the held run would have come before this one's.
    await wake();
    expect(offered).not.toContain(held);
    await database.pool.query('DELETE FROM pauses');
    relay.kick();
    await until(() => begun.includes(held));
  }, 60_000);

  it('holds new runs while they are paused, also those handed over before, and goes on after it', async () => {
    await database.pool.query(`INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', 'maintenance', 'ci')`);
    const [held = ''] = await queue('a', 1);
    const [asleep = ''] = await queue('a', 1);
    await database.pool.query(`UPDATE runs SET status = 'WAITING', wake_at = now() WHERE id = $1`, [asleep]);
    const { begun } = start();
    await until(() => begun.includes(asleep));
    expect(begun).not.toContain(held);
    await database.pool.query('DELETE FROM pauses');
    await until(() => begun.includes(held));
  }, 60_000);
});

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 40_000; !(await met()); await pause(10)) {
    if (Date.now() > deadline) throw new Error('It did not happen within 40 s.');
  }
}
