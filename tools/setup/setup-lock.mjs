import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../run/process-identity.mjs';
import { tryLock } from '../run/folder-lock.mjs';
import { repositoryRoot } from './folders.mjs';
import { say } from './terminal.mjs';

const folder = path.join(repositoryRoot, '.slipway', 'setup');

/** Does `work` while no other command installs or builds in this checkout: a second one waits for the first, and says so. */
export async function withSetupLock(work) {
  let lock = tryLock(folder);
  if (!lock.held) say(`Waiting for the set-up of process ${lock.holder.pid} in the same checkout.`);
  while (!lock.held) {
    while (isAlive(lock.holder)) await pause(200);
    lock = tryLock(folder);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
