import TestSequencer from '@jest/test-sequencer';

/** On a fresh checkout Jest knows nothing of how long a spec takes. Those of the whole product do, and none of them is to come last, alone. */
// Jest asks for the default export.
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const [long, short] = [true, false].map((whole) => tests.filter(({ path }) => path.includes('/e2e/') === whole));
    return [...super.sort(long), ...super.sort(short)];
  }
}
