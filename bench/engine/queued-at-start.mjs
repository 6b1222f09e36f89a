import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { printFigure } from '../stage/print-figure.mjs';
import { chain, submitRuns } from './submit-runs.mjs';
import { withWorker } from './with-worker.mjs';

const queued = 100_000;
const watchMs = 10_000;

/** A worker that starts on a hundred thousand queued runs: how soon one has ended, and how many jobs Redis ever held. */
export async function queuedAtStart({ home, database, redisUrl }) {
  const plan = chain(8, 'bench:say', {});
  for (let sent = 0; sent < queued; sent += 10_000) await submitRuns(database.pool, 10_000, plan);
  await database.pool.query('ANALYZE');
  const begun = performance.now();
  await withWorker({ home, database, redisUrl, concurrency: 24 }, async () => {
    await untilOneEnded(database.pool);
    printFigure('engine', 'first_end_seconds_with_100k_queued', (performance.now() - begun) / 1_000, 's');
    printFigure('engine', 'most_jobs_in_redis_with_100k_queued', await mostJobs(redisUrl), 'jobs');
  });
}

async function untilOneEnded(pool) {
  for (;;) {
    const { rows } = await pool.query(`SELECT 1 FROM runs WHERE status = 'SUCCEEDED' LIMIT 1`);
    if (rows.length > 0) return;
    await pause(20);
  }
}

async function mostJobs(redisUrl) {
  const redis = new Redis(redisUrl);
  const until = performance.now() + watchMs;
  let most = 0;
  while (performance.now() < until) {
    most = Math.max(most, (await redis.keys('bull:slipway-runs:r_*')).length, await redis.llen('bull:slipway-runs:wait'));
    await pause(100);
  }
  redis.disconnect();
  return most;
}
