import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MariaDbError } from './mariadb-error.js';

/** The system user that the server runs as, where it is another than ours. */
export interface RunAs {
  name: string;
  uid: number;
  gid: number;
}

const run = promisify(execFile);

/**
 * MariaDB refuses to run as root. As root it therefore gets the user that set-up prepared (SLIPWAY_RUN_AS), else `mysql`,
 * which the Debian package makes for this very purpose, else `nobody`. Everyone else runs it as themselves: undefined.
 *
 * @throws MariaDbError MARIADB_NO_USER
 */
export async function chooseRunAs(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const asked = process.env['SLIPWAY_RUN_AS'];
  const candidates = asked ? [asked] : ['mysql', 'nobody'];
  for (const name of candidates) {
    const found = await lookUp(name);
    if (found && found.uid !== 0) return found;
  }
  throw new MariaDbError(
    'MARIADB_NO_USER',
    `MariaDB does not run as root, and there is no unprivileged user ${candidates.join(' or ')} on this machine. ` +
      'Set SLIPWAY_RUN_AS to the name of one, or start the sandbox as an ordinary user.',
  );
}

async function lookUp(name: string): Promise<RunAs | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', '--', name]), run('id', ['-g', '--', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
