import { printFigure, median } from '../stage/print-figure.mjs';
import { bareLines } from './bare-lines.mjs';
import { chain, submitRuns } from './submit-runs.mjs';
import { untilEnded } from './until-ended.mjs';
import { withWorker } from './with-worker.mjs';

const runs = 8;
const linesPerRun = 50_000;
const rounds = 3;

/** Durable log lines a second: eight runs, each with one step that logs as fast as its lines are taken. */
export async function logLines({ home, database, redisUrl }) {
  const limit = await bareLines(database, { lines: runs * linesPerRun });
  await withWorker({ home, database, redisUrl, concurrency: runs }, async (worker) => {
    const plan = chain(1, 'bench:log', { lines: linesPerRun });
    const figures = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await submitRuns(database.pool, runs, plan);
      worker.kick();
      await untilEnded(database.pool);
      figures.push((runs * linesPerRun) / ((performance.now() - begun) / 1_000));
    }
    printFigure('engine', 'log_lines_per_second', median(figures), 'lines/s', limit);
  });
}
