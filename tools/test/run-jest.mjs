import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { makeFolder, repositoryRoot } from '../setup/folders.mjs';
import { whenInterrupted } from '../setup/interruption.mjs';

/** Runs Jest over all projects, or what `args` narrow them to. Answers `{ passed, failed, skipped }`, and the same for each spec's path as `specs`. */
export async function runJest(args, { home, env, output = 'inherit' }) {
  const counts = path.join(makeFolder(path.join(home, 'run')), 'test-counts.json');
  rmSync(counts, { force: true });
  const status = await run(args, { ...process.env, ...plain(), ...env, SLIPWAY_TEST_COUNTS: counts }, output);
  return withStatus(sumOf(readCounts(counts)), status);
}

/** In CI some tools colour what nobody sees as colours. */
function plain() {
  return process.stdout.isTTY ? {} : { NO_COLOR: '1' };
}

function run(args, env, output) {
  const jest = path.join(repositoryRoot, 'node_modules/jest/bin/jest.js');
  // Last: Jest takes whatever follows a reporter for another one.
  const reporters = ['--reporters=default', `--reporters=${path.join(repositoryRoot, 'tools/test/count-reporter.mjs')}`];
  const child = spawn(process.execPath, ['--experimental-vm-modules', '--no-warnings', jest, ...args, ...reporters], {
    cwd: repositoryRoot,
    env,
    stdio: ['ignore', output, output],
  });
  const forget = whenInterrupted(({ atOnce }) => child.kill(atOnce ? 'SIGKILL' : 'SIGTERM'));
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => {
      forget();
      resolve(status ?? signal);
    });
  });
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** Of the counts of each spec. */
export function sumOf(specs) {
  const all = Object.values(specs);
  const sum = (what) => all.reduce((total, counts) => total + counts[what], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), specs };
}

/** Jest that failed without a test that did (a broken configuration, no test found) is a failure all the same. */
function withStatus(counts, status) {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
