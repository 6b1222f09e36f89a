import { setTimeout as pause } from 'node:timers/promises';
import { printFigure, quantileOf } from '../stage/print-figure.mjs';
import { bareRuns } from './bare-runs.mjs';
import { chain, submitRuns } from './submit-runs.mjs';
import { withWorker } from './with-worker.mjs';

const runs = 1_000;
/** The slowest lie among the first, while V8 compiles what a run takes. */
const warmUp = 200;
const pauseMs = 5;

/**
 * From the request, as its statement is sent, to the end, as a reader of the announcements finds it: one run of eight empty steps at
 * a time on an idle worker. A reader who asked each millisecond would be load beside what is measured, and half a millisecond late.
 */
export async function idleOverhead({ home, database, redisUrl }) {
  const limits = (await bareRuns(database, redisUrl, { times: runs + warmUp, stepsPerRun: 8, pauseMs })).slice(warmUp);
  await withWorker({ home, database, redisUrl, concurrency: 24 }, async (worker) => {
    const plan = chain(8, 'bench:say', {});
    const times = [];
    for (let run = 0; run < runs + warmUp; run += 1) {
      const begun = performance.now();
      const [id] = await submitRuns(database.pool, 1, plan);
      worker.kick(id);
      await untilSucceeded(database.pool, id, worker.grew);
      if (run >= warmUp) times.push(performance.now() - begun);
      await pause(pauseMs);
    }
    printFigure('engine', 'idle_overhead_ms_p50', quantileOf(times, 0.5), 'ms', quantileOf(limits, 0.5));
    printFigure('engine', 'idle_overhead_ms_p99', quantileOf(times, 0.99), 'ms', quantileOf(limits, 0.99));
  });
}

/** Looks whenever the run's history is said to have grown, and now and then in case that got lost: as the api does for its readers. */
async function untilSucceeded(pool, id, grew) {
  let said = Promise.withResolvers();
  const leave = grew.subscribe(id, () => said.resolve());
  for (;;) {
    const { rows } = await pool.query({ name: 'bench-status', text: 'SELECT status FROM runs WHERE id = $1', values: [id] });
    if (rows[0].status === 'SUCCEEDED') return leave();
    if (['FAILED', 'CANCELLED'].includes(rows[0].status)) throw new Error(`Run ${id} ended ${rows[0].status}.`);
    const late = setTimeout(said.resolve, 1_000);
    await said.promise;
    clearTimeout(late);
    said = Promise.withResolvers();
  }
}
