import { execFileSync } from 'node:child_process';
import { median, printFigure } from '../stage/print-figure.mjs';
import { withProduct, withoutLimits } from './with-product.mjs';

const latencyMs = 200;
const many = 50;
const rounds = 3;

/**
 * Fifty runs at once on one worker against one alone, limits off, every call 200 ms longer; the middle one of three rounds, and the
 * first, which is dearer, as V8 compiles meanwhile what fifty at once need. Beside it, how long worker and sandbox kept a processor
 * busy for them: the stand-ins share the machine with what is measured.
 */
export async function fiftyAtOnce() {
  await withProduct(withoutLimits, async (product) => {
    await product.deploy('warmup');
    await product.setLatency(latencyMs);
    const alone = [];
    for (const name of ['alonea', 'aloneb', 'alonec']) alone.push((await product.deploy(name)).seconds);
    const measured = [];
    for (let round = 0; round < rounds; round += 1) measured.push(await deployMany(product, `many${round}q`));
    const together = measured.map(({ seconds }) => seconds);
    printFigure('main-job', 'fifty_over_one', median(together) / median(alone), 'times');
    printFigure('main-job', 'fifty_over_one_first_round', together[0] / median(alone), 'times');
    printFigure('main-job', 'fifty_seconds', median(together), 's');
    printFigure('main-job', 'fifty_worker_cpu_seconds', median(measured.map(({ worker }) => worker)), 's');
    printFigure('main-job', 'fifty_sandbox_cpu_seconds', median(measured.map(({ sandbox }) => sandbox)), 's');
  });
}

/** From the first request to the end of the last run. */
async function deployMany(product, prefix) {
  const names = Array.from({ length: many }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`);
  const busy = product.pids(['worker', 'sandbox']).map(cpuSeconds);
  const begun = performance.now();
  await Promise.all(names.map((name) => product.deploy(name)));
  const seconds = (performance.now() - begun) / 1_000;
  const [worker, sandbox] = product.pids(['worker', 'sandbox']).map((pids, index) => cpuSeconds(pids) - busy[index]);
  return { seconds, worker, sandbox };
}

/** As `ps` counts it, in whole seconds, without the processes that they started. */
function cpuSeconds(pids) {
  const times = execFileSync('ps', ['-o', 'time=', '-p', pids.join(',')], { encoding: 'utf8' }).trim().split('\n');
  return times.map((time) => time.trim().split(':').reduce((sum, part) => sum * 60 + Number(part), 0)).reduce((sum, one) => sum + one, 0);
}
