import { writeFileSync } from 'node:fs';

/**
 * A Jest reporter that writes what was counted to the file of SLIPWAY_TEST_COUNTS: `{ passed, failed, skipped }`. A
 * suite that failed to load has no tests to count, and counts as one that failed.
 */
// Jest asks a reporter's module for its default export.
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.SLIPWAY_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(countsOf(results)));
  }
}

export function countsOf(results) {
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
