import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where administrators' programs lie when an ordinary user's path does not name it, and where Homebrew puts its own. */
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin', '/usr/local/bin', '/home/linuxbrew/.linuxbrew/bin'];

/** The absolute path of the first of these programs that is installed, or undefined. */
export function findProgram(...names) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), ...ALSO];
  for (const name of names) {
    const found = folders.map((folder) => path.resolve(folder, name)).find(isExecutable);
    if (found) return found;
  }
  return undefined;
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
