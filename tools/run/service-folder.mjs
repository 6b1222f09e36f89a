import { createHash } from 'node:crypto';
import { chownSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';
import { mayUse } from './service-account.mjs';

/**
 * Where the data of programs that run as the service account lies: in the data folder, or, where that account may not
 * enter it (a checkout below /root, say), in a folder of /var/lib that belongs to this data folder alone.
 */
export function serviceFolder(home, account) {
  if (!account || mayUse(account, home)) return home;
  const hash = createHash('sha256').update(realpathSync(home)).digest('hex').slice(0, 16);
  return makeFolder(path.join('/var/lib/slipway', hash));
}

/** A folder that only the account may enter (ourselves where there is none). */
export function makePrivateFolder(folder, account) {
  makeFolder(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
  return folder;
}

/** Spawn options that make a child run as the account. */
export function runAs(account) {
  return account ? { uid: account.uid, gid: account.gid, cwd: '/' } : {};
}
