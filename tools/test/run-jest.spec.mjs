import path from 'node:path';
import { temporaryHome } from '../run/fixtures/temporary-home.mjs';
import { closingLine, readClosingLine } from './closing-line.mjs';
import { runJest } from './run-jest.mjs';

import.meta.jest.setTimeout(60_000);

describe('the count of the tests', () => {
  const config = path.join(import.meta.dirname, 'fixtures/jest.config.mjs');
  let place;
  beforeEach(() => { place = temporaryHome(); });
  afterEach(() => place.remove());

  function count(...files) {
    return runJest(['--config', config, ...files], { home: place.home, env: {}, output: 'ignore' });
  }

  it('has each test once', async () => {
    expect(await count('mixed')).toEqual({ passed: 1, failed: 1, skipped: 1 });
    expect(await count('passing')).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  it('has a suite that does not load as one that failed', async () => {
    expect(await count('unloadable', 'passing')).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('is a failure where no test was found', async () => {
    expect(await count('no-such-file')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the closing line', () => {
  it.each([
    [{ passed: 12, failed: 0, skipped: 0 }, '12 passed, 0 failed'],
    [{ passed: 12, failed: 3, skipped: 1 }, '12 passed, 3 failed, 1 skipped'],
  ])('of %j is %j, and is read back', (counts, line) => {
    expect(closingLine(counts)).toBe(line);
    expect(readClosingLine(`Tests: 1 passed\n1 passed, 1 failed\nnoise\n${line}\n`)).toEqual(counts);
  });
});
