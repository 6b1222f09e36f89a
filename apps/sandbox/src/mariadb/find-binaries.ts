import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { MariaDbError } from './mariadb-error.js';

export interface Binaries {
  server: string;
  installer: string;
}

/** Debian puts daemons where an ordinary user's PATH does not look; Homebrew on either kind of Mac likewise under launchd. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/usr/local/bin', '/usr/libexec'];

/** @throws MariaDbError MARIADB_NOT_FOUND naming the package to install. */
export async function findBinaries(path = process.env['PATH'] ?? ''): Promise<Binaries> {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...FURTHER_FOLDERS];
  return { server: await find('mariadbd', folders), installer: await find('mariadb-install-db', folders) };
}

async function find(name: string, folders: string[]): Promise<string> {
  for (const folder of folders) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  throw new MariaDbError(
    'MARIADB_NOT_FOUND',
    `The sandbox keeps its databases in a private MariaDB, but there is no ${name} on the PATH. ` +
      'Install it (Debian, Ubuntu: apt-get install --no-install-recommends mariadb-server; macOS: brew install mariadb) ' +
      'and start again; the service of the system may stay off. Or name a server of yours by its administrator URL.',
  );
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
