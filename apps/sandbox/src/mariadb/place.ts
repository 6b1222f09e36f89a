import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunAs } from './run-as.js';

/** The server's folder, owned by the user it runs as, mode 0700. All paths are absolute, as MariaDB wants them. */
export interface Place {
  folder: string;
  data: string;
  /** Written by the server once it serves. */
  pidFile: string;
  /** Written by us when it is started: a sandbox killed before the server serves leaves only this one. */
  launchedFile: string;
  log: string;
  socket: string;
  initFile: string;
}

const ELSEWHERE = '/var/lib/slipway';
/** A Unix socket's path must fit into 108 bytes on Linux, 104 on macOS. */
const LONGEST_SOCKET_PATH = 100;

/**
 * SANDBOX_HOME/mariadb/server. When another user than ours runs the server and may not enter SANDBOX_HOME (root's home
 * folder is closed to others), SANDBOX_MARIADB_DIR or else a folder `elsewhere` that SANDBOX_HOME notes and that names it in
 * turn: a home that is moved keeps its databases, and one that is made anew at the same path does not find those of the old.
 */
export async function choosePlace(home: string, runAs: RunAs | undefined, elsewhere = ELSEWHERE): Promise<Place> {
  const folder = await chooseFolder(home, runAs, elsewhere);
  await mkdir(folder, { recursive: true });
  if (runAs) await chown(folder, runAs.uid, runAs.gid);
  await chmod(folder, 0o700);
  const short = join(folder, 'mariadbd.sock');
  return {
    folder,
    data: join(folder, 'data'),
    pidFile: join(folder, 'mariadbd.pid'),
    launchedFile: join(folder, 'launched.pid'),
    log: join(folder, 'mariadbd.log'),
    socket: short.length <= LONGEST_SOCKET_PATH ? short : join('/tmp', `slipway-${digest(folder)}.sock`),
    initFile: join(folder, 'init.sql'),
  };
}

async function chooseFolder(home: string, runAs: RunAs | undefined, elsewhere: string): Promise<string> {
  const asked = process.env['SANDBOX_MARIADB_DIR'];
  if (asked) return asked;
  const ours = join(await realpath(home), 'mariadb');
  await mkdir(ours, { recursive: true });
  const note = join(ours, 'server-folder');
  const noted = (await readFile(note, 'utf8').catch(() => '')).trim();
  if (noted === '' && (!runAs || (await canReach(ours, runAs)))) return join(ours, 'server');
  const folder = noted === '' ? join(elsewhere, randomBytes(8).toString('hex')) : noted;
  await mkdir(folder, { recursive: true });
  // For whoever finds the folder and asks whether anyone still needs it.
  await writeFile(join(folder, 'home'), `${home}\n`);
  await writeFile(note, `${folder}\n`);
  return join(folder, 'mariadb');
}

async function canReach(folder: string, user: RunAs): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const searchable = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (searchable === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function digest(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
