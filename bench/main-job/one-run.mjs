import { median, printFigure } from '../stage/print-figure.mjs';
import { callsOfSteps } from '../../tools/test/calls-of-steps.mjs';
import { criticalPathSeconds } from './critical-path.mjs';
import { withProduct, withoutLimits } from './with-product.mjs';

const latencyMs = 200;

/**
 * One run alone while every call takes 200 ms longer: against the longest way through its own calls, and against the same steps
 * one after the other.
 */
export async function oneRun() {
  await withProduct(withoutLimits, async (product) => {
    const pattern = await product.requestsOf(() => product.deploy('pattern', 'deploy_with_pauses'));
    const calls = callsOfSteps(pattern.result.run, pattern.requests, 'pattern');
    await product.setLatency(latencyMs);
    const overPath = [];
    const overSequence = [];
    for (const letter of ['a', 'b', 'c']) {
      const { result, requests } = await product.requestsOf(() => product.deploy(`together${letter}`));
      const sequence = await product.deploy(`sequence${letter}`, 'deploy_in_sequence');
      overPath.push(wallSeconds(result.run) / criticalPathSeconds(result.run, requests, { calls, name: `together${letter}` }));
      overSequence.push(wallSeconds(result.run) / wallSeconds(sequence.run));
    }
    printFigure('main-job', 'wall_over_critical_path', median(overPath), 'times');
    printFigure('main-job', 'wall_over_sequence', median(overSequence), 'times');
  });
}

function wallSeconds({ createdAt, endedAt }) {
  return (Date.parse(endedAt) - Date.parse(createdAt)) / 1_000;
}
