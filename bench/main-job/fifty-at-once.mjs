import { median, printFigure } from '../stage/print-figure.mjs';
import { withProduct, withoutLimits } from './with-product.mjs';

const latencyMs = 200;
const many = 50;

/** Fifty runs at once on one worker against one alone, limits off, every call 200 ms longer. */
export async function fiftyAtOnce() {
  await withProduct(withoutLimits, async (product) => {
    await product.deploy('warmup');
    await product.setLatency(latencyMs);
    const alone = [];
    for (const name of ['alonea', 'aloneb', 'alonec']) alone.push((await product.deploy(name)).seconds);
    const names = Array.from({ length: many }, (_, index) => `many${String(index).padStart(2, '0')}q`);
    const begun = performance.now();
    await Promise.all(names.map((name) => product.deploy(name)));
    const together = (performance.now() - begun) / 1_000;
    printFigure('main-job', 'fifty_over_one', together / median(alone), 'times');
  });
}
