import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../setup/failure.mjs';
import { repositoryRoot } from '../setup/folders.mjs';
import { whenInterrupted } from '../setup/interruption.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { say } from '../setup/terminal.mjs';

const folder = path.join(repositoryRoot, 'bench');

/** `npm run bench [-- NAME]`: runs `bench/NAME.mjs`, which prints one JSON line per figure; without a name, lists them. */
export async function run([name, ...args]) {
  const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -4)) : [];
  if (name === undefined) {
    say(names.length === 0 ? 'There is no benchmark yet.' : `Benchmarks: ${names.join(', ')}`);
    return 0;
  }
  if (!names.includes(name)) {
    throw new Failure('UNKNOWN_BENCHMARK', `There is no benchmark ${JSON.stringify(name)}.`, { advice: `Use one of: ${names.join(', ') || '(none yet)'}.` });
  }
  await prepareCheckout();
  const child = spawn(process.execPath, [path.join(folder, `${name}.mjs`), ...args], { stdio: 'inherit', cwd: repositoryRoot });
  whenInterrupted(() => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
}
