import { spawn } from 'node:child_process';
import { repositoryRoot } from '../setup/folders.mjs';
import { whenInterrupted } from '../setup/interruption.mjs';
import { bold, say } from '../setup/terminal.mjs';
import { closingLine, readClosingLine } from '../test/closing-line.mjs';

/** What `.ci/run` does: the checks, then the tests, by the commands that people use. A check that failed counts as a failed test. */
export async function run() {
  const check = await npm('run', 'check');
  const test = await npm('test');
  const counts = readClosingLine(test.output) ?? { passed: 0, failed: 1, skipped: 0 };
  if (test.status !== 0 && counts.failed === 0) counts.failed = 1;
  if (check.status !== 0) {
    say('The checks failed: see above.');
    counts.failed += 1;
  }
  say(closingLine(counts));
  return counts.failed === 0 ? 0 : 1;
}

/** Passes the output on as it comes, and keeps its end. */
function npm(...args) {
  say(bold(`> npm ${args.join(' ')}`));
  const child = spawn('npm', args, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  whenInterrupted(() => child.kill('SIGTERM'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    output = (output + chunk).slice(-10_000);
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, output })));
}
