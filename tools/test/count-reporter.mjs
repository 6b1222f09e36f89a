import { writeFileSync } from 'node:fs';

/**
 * A Jest reporter that writes what was counted to the file of SLIPWAY_TEST_COUNTS: for each spec's path `{ passed, failed,
 * skipped }`. One that failed to load has no tests to count, and counts as one that failed.
 */
// Jest asks a reporter's module for its default export.
export default class CountReporter {
  onRunComplete(_contexts, { testResults }) {
    const file = process.env.SLIPWAY_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(Object.fromEntries(testResults.map((spec) => [spec.testFilePath, countsOf(spec)]))));
  }
}

function countsOf({ numPassingTests, numFailingTests, numPendingTests, numTodoTests, testExecError }) {
  return {
    passed: numPassingTests,
    failed: numFailingTests === 0 && testExecError ? 1 : numFailingTests,
    skipped: numPendingTests + numTodoTests,
  };
}
