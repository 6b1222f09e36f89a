import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Place } from './place.js';

const run = promisify(execFile);
const TERM_DEADLINE_MS = 20_000;
const POLL_MS = 25;

/** The process id of a server of ours that outlived its sandbox. The number alone proves nothing: it may be another's by now. */
export async function findOrphan(place: Place): Promise<number | undefined> {
  for (const file of [place.pidFile, place.launchedFile]) {
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).trim());
    if (Number.isInteger(pid) && pid > 1 && isAlive(pid) && (await serves(pid, place.data))) return pid;
  }
  return undefined;
}

async function serves(pid: number, data: string): Promise<boolean> {
  const command = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return command.stdout.includes(`--datadir=${data} `);
}

/** Asks the process to stop, and ends it when it does not. InnoDB recovers from either. */
export async function stopProcess(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + TERM_DEADLINE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await wait(POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
