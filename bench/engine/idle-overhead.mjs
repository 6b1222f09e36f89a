import { setTimeout as pause } from 'node:timers/promises';
import { printFigure, quantileOf } from '../stage/print-figure.mjs';
import { bareCommits } from './bare-commits.mjs';
import { chain, submitRuns } from './submit-runs.mjs';
import { withWorker } from './with-worker.mjs';

const runs = 300;

/** From the request's commit to the end's, one run of eight empty steps at a time on an idle worker. */
export async function idleOverhead({ home, database, redisUrl }) {
  const limits = await bareCommits(database, { times: runs, commits: 10 });
  await withWorker({ home, database, redisUrl, concurrency: 24 }, async (worker) => {
    const plan = chain(8, 'bench:say', {});
    const times = [];
    for (let run = 0; run < runs + 30; run += 1) {
      const begun = performance.now();
      const [id] = await submitRuns(database.pool, 1, plan);
      worker.kick();
      await untilSucceeded(database.pool, id);
      if (run >= 30) times.push(performance.now() - begun);
      await pause(5);
    }
    printFigure('engine', 'idle_overhead_ms_p50', quantileOf(times, 0.5), 'ms', quantileOf(limits, 0.5));
    printFigure('engine', 'idle_overhead_ms_p99', quantileOf(times, 0.99), 'ms', quantileOf(limits, 0.99));
  });
}

/** Asks often enough to add less than a millisecond, and not so often that asking is the load. */
async function untilSucceeded(pool, id) {
  for (;;) {
    const { rows } = await pool.query({ name: 'bench-status', text: 'SELECT status FROM runs WHERE id = $1', values: [id] });
    if (rows[0].status === 'SUCCEEDED') return;
    if (['FAILED', 'CANCELLED'].includes(rows[0].status)) throw new Error(`Run ${id} ended ${rows[0].status}.`);
    await pause(1);
  }
}
