import { setTimeout as pause } from 'node:timers/promises';
import { printFigure } from '../stage/print-figure.mjs';
import { residentMegabytes } from '../stage/resident-megabytes.mjs';
import { chain, submitRuns } from './submit-runs.mjs';
import { withWorker } from './with-worker.mjs';

const few = 1_000;
const runs = 10_000;
const settleMs = 15_000;

/** Runs that wait for something, held by one worker, and what nine thousand more of them add to its memory. */
export async function waitingRuns({ home, database, redisUrl }) {
  await withWorker({ home, database, redisUrl, concurrency: 50 }, async (worker) => {
    const plan = chain(1, 'bench:wait', { everyMs: 60_000 });
    await submitRuns(database.pool, few, plan);
    await untilWaiting(database.pool, few);
    await pause(settleMs);
    const before = residentMegabytes(worker.pid);
    await submitRuns(database.pool, runs - few, plan);
    await untilWaiting(database.pool, runs);
    await pause(settleMs);
    printFigure('engine', 'waiting_runs_held', await countWaiting(database.pool), 'runs');
    printFigure('engine', 'waiting_rss_growth_mb', residentMegabytes(worker.pid) - before, 'MB');
  });
}

async function untilWaiting(pool, count) {
  const until = performance.now() + 300_000;
  while ((await countWaiting(pool)) < count) {
    if (performance.now() > until) throw new Error(`Only ${await countWaiting(pool)} of ${count} runs are waiting after five minutes.`);
    await pause(100);
  }
}

async function countWaiting(pool) {
  const { rows } = await pool.query(`SELECT count(*)::int AS waiting FROM runs WHERE status = 'WAITING'`);
  return rows[0].waiting;
}
