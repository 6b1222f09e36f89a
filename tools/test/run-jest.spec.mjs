import path from 'node:path';
import { temporaryHome } from '../run/fixtures/temporary-home.mjs';
import { closingLine, readClosingLine } from './closing-line.mjs';
import { runJest } from './run-jest.mjs';
import { withSecondTry } from './second-try.mjs';

import.meta.jest.setTimeout(60_000);

describe('the count of the tests', () => {
  const config = path.join(import.meta.dirname, 'fixtures/jest.config.mjs');
  let place;
  beforeEach(() => { place = temporaryHome(); });
  afterEach(() => place.remove());

  it('has each test once', async () => {
    expect(await jestOver('mixed')).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
    expect(await jestOver('passing')).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
  });

  it('has a suite that does not load as one that failed', async () => {
    expect(await jestOver('unloadable', 'passing')).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
  });

  it('is a failure where no test was found', async () => {
    expect(await jestOver('no-such-file')).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
  });

  it.each([
    ['what failed by chance as passed at its second try', ['by-chance', 'passing'], { passed: 2, failed: 0 }],
    ['what fails twice as failed', ['by-chance', 'mixed'], { passed: 2, failed: 1, skipped: 1 }],
  ])('has %s, and tells of the chance', async (_, files, expected) => {
    const told = [];
    const again = { args: ['--config', config], tell: (text) => told.push(text) };
    expect(await withSecondTry(await jestOver(...files), options(), again)).toMatchObject(expected);
    expect(told.at(-1)).toMatch(/FAILED BY CHANCE.*: tools\/test\/fixtures\/by-chance\.spec\.mjs\./);
  });

  function jestOver(...files) {
    return runJest(['--config', config, ...files], options());
  }

  function options() {
    return { home: place.home, env: { FAILED_BEFORE: path.join(place.home, 'failed-before') }, output: 'ignore' };
  }
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
