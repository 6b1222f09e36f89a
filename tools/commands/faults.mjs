import { run as runTests } from './test.mjs';

/**
 * `npm run faults [-- PATTERN]`: what `npm test` proves of the main job with one fault per step and few apps, for every call of
 * every step and for many apps. SLIPWAY_FAULTS_SEED draws other lots.
 */
export function run(args) {
  process.env.SLIPWAY_FAULTS = 'all';
  return runTests(args.length > 0 ? args : ['e2e/product/every-step', 'e2e/product/many-apps']);
}
