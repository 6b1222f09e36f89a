import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { tryLock } from '../run/folder-lock.mjs';
import { repositoryRoot } from './folders.mjs';
import { say } from './terminal.mjs';

const ofCheckout = path.join(repositoryRoot, '.slipway', 'setup');

/**
 * Does `work` while no other command installs or builds in this checkout: a second one waits for that of the first, and says so.
 * The first may live on long after, serving or testing.
 */
export async function withSetupLock(work, folder = ofCheckout) {
  let lock = tryLock(folder);
  if (!lock.held) say(`Waiting for the set-up of process ${lock.holder.pid} in the same checkout.`);
  while (!lock.held) {
    await pause(200);
    lock = tryLock(folder);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
