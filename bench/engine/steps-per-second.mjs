import { median, printFigure } from '../stage/print-figure.mjs';
import { bareSteps } from './bare-steps.mjs';
import { withWorker } from './with-worker.mjs';
import { chain, submitRuns } from './submit-runs.mjs';
import { untilEnded } from './until-ended.mjs';

const runs = 2_000;
const stepsPerRun = 8;
const rounds = 3;

/** Orchestrated steps a second with no provider time: ledger, events and the log line of each step included. */
export async function stepsPerSecond({ home, database, redisUrl }) {
  const limit = await bareSteps(database, { runs, stepsPerRun });
  await withWorker({ home, database, redisUrl, concurrency: 24 }, async (worker) => {
    const plan = chain(stepsPerRun, 'bench:say', {});
    await submitRuns(database.pool, 300, plan);
    await untilEnded(database.pool);
    // As autovacuum does within a minute: the first plans were made for empty tables.
    await database.pool.query('ANALYZE');
    const figures = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await submitRuns(database.pool, runs, plan);
      worker.kick();
      await untilEnded(database.pool);
      figures.push((runs * stepsPerRun) / ((performance.now() - begun) / 1_000));
    }
    printFigure('engine', 'steps_per_second', median(figures), 'steps/s', limit);
  });
}
