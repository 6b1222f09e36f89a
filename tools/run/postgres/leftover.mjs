import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { commandOf, identify, isAlive, terminate } from '../process-identity.mjs';

/**
 * Stops a PostgreSQL that outlived whoever started it, and removes the lock file of one that is gone: its first line
 * is the server's process, which by now may be anyone's number.
 */
export async function stopLeftoverPostgres(data) {
  const file = path.join(data, 'postmaster.pid');
  const pid = readPid(file);
  if (pid === undefined) return;
  const server = identify(pid);
  if (isAlive(server) && commandOf(pid).includes(data)) {
    // SIGINT is its fast shutdown: sessions are ended, everything is written.
    await terminate(server, { signal: 'SIGINT' });
  }
  rmSync(file, { force: true });
}

function readPid(file) {
  try {
    return Number(readFileSync(file, 'utf8').split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}
