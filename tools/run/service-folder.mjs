import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';
import { mayEnter } from './service-account.mjs';

const ELSEWHERE = '/var/lib/slipway';

/**
 * Where the data of programs that run as the service account lies: in the data folder, or, where that account may not
 * enter it (a checkout below /root, say), in a folder below /var/lib/slipway that the data folder names and that names
 * the data folder in its file `home`. Once chosen it stays, so that data is found again after the data folder was
 * opened or moved; a data folder that was deleted and made again does not find the data of the old one.
 */
export function serviceFolder(home, account) {
  if (!account) return home;
  const note = path.join(home, 'service-folder');
  const kept = existsSync(note) ? readFileSync(note, 'utf8').trim() : undefined;
  if (kept && existsSync(kept)) return named(kept, home);
  if (mayEnter(account, home)) return home;
  const folder = makeFolder(path.join(ELSEWHERE, randomBytes(8).toString('hex')));
  writeFileSync(note, `${folder}\n`);
  return named(folder, home);
}

/** For whoever finds the folder and asks whether anyone still needs it. */
function named(folder, home) {
  writeFileSync(path.join(folder, 'home'), `${home}\n`);
  return folder;
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
