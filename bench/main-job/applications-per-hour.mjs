import { printFigure } from '../stage/print-figure.mjs';
import { isOurs } from '../../tools/test/calls-of-steps.mjs';
import { withProduct } from './with-product.mjs';
import { isRestWriteOfGithub } from './writes-of-github.mjs';

const many = 20;
/** What GitHub documents for one credential: creations an hour, and seconds from one write to the next. */
const creationsAnHour = 500;
const secondsBetweenWrites = 1;

/**
 * Many runs at once while the stand-in keeps GitHub's limits and refuses what exceeds them: the pace of the first minutes, but
 * never more than the hour's allowance would let go on. Beside it, what the limits allow at best.
 */
export async function applicationsPerHour() {
  await withProduct({}, async (product) => {
    await product.setFaults([{ system: 'github', match: { name: '**' }, fault: 'limits-enforced' }]);
    const { requests } = await product.requestsOf(() => product.deploy('warmup'));
    const writes = requests.filter(isRestWriteOfGithub);
    const creations = writes.filter(({ method }) => method !== 'DELETE').length;
    const allowance = creationsAnHour / creations;
    const names = Array.from({ length: many }, (_, index) => `paced${String(index).padStart(2, '0')}q`);
    const begun = performance.now();
    const together = await product.requestsOf(() => Promise.all(names.map((name) => product.deploy(name))));
    const pace = (many * 3_600_000) / (performance.now() - begun);
    const refused = together.requests.filter((request) => isOurs(request) && request.system === 'github' && [403, 429].includes(request.status)).length;
    if (refused > 0) throw new Error(`GitHub refused ${refused} calls: its limits were not kept.`);
    const limit = Math.min(allowance, 3_600 / (writes.length * secondsBetweenWrites));
    printFigure('main-job', 'applications_per_hour', Math.min(pace, allowance), 'apps/h', limit);
  });
}
