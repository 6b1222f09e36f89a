import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';
import { dataFolder, makeFolder, repositoryRoot } from './folders.mjs';
import { whenInterrupted } from './interruption.mjs';

const TAIL_LINES = 25;
const HEAD_LINES = 6;

const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

/**
 * Runs a program to its end, its output in `logs/<name>.log` of the data folder and nowhere else. Throws a Failure
 * with `code` and `advice` if it cannot be started or ends with anything but 0. It ends with us; with `mayOutliveUs`,
 * for what is worse off half done, we wait for it, and if we are killed it goes on.
 */
export async function runCommand(name, command, args, options = {}) {
  const { code, advice, env = process.env, cwd = repositoryRoot, tailLines = TAIL_LINES, mayOutliveUs = false } = options;
  const logFile = path.join(makeFolder(path.join(dataFolder(), 'logs')), `${name}.log`);
  const log = createWriteStream(logFile);
  const status = await (mayOutliveUs ? runInto(log, [command, ...args], { env, cwd, stopSignal: 'SIGINT' })
    : runInto(log, [process.execPath, guard, command, ...args], { env, cwd, stopSignal: 'SIGTERM' }));
  log.end();
  await finished(log);
  if (status === 0) return;
  throw new Failure(code, `\`${[path.basename(command), ...args].join(' ')}\` ended with ${status}.`, {
    advice,
    logFile,
    tail: tailOf(logFile, tailLines),
  });
}

/** In a group of its own, so that Ctrl-C reaches us alone. Answers its status, its signal, or why it could not be started. */
function runInto(log, [command, ...args], { env, cwd, stopSignal }) {
  return new Promise((resolve) => {
    // The guard notices by the channel that we are gone; other programs do not know of it.
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const closed = once(child, 'close').catch(() => {});
    const forget = whenInterrupted(() => {
      child.kill(stopSignal);
      return closed;
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => {
      forget();
      resolve(status ?? signal);
    });
  });
}

/** The end of a log file, or nothing if it cannot be read. Of a long one also its first lines: npm tells the reason there. */
export function tailOf(logFile, lines = TAIL_LINES) {
  const all = readLines(logFile);
  if (all.length <= lines) return all.join('\n') || undefined;
  return lines > HEAD_LINES * 2 ? [...all.slice(0, HEAD_LINES), '…', ...all.slice(HEAD_LINES - lines)].join('\n') : all.slice(-lines).join('\n');
}

function readLines(file) {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}
