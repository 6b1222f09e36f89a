import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './find-binaries.js';
import { MariaDbError } from './mariadb-error.js';
import type { Place } from './place.js';
import type { RunAs } from './run-as.js';

const run = promisify(execFile);
const UNFINISHED = 'installing-';

/**
 * Makes the data folder once. The installer works in a folder of another name that is renamed when it is done, so that the
 * data folder is either whole or absent, however the installation was interrupted.
 */
export async function installDataFolder(binaries: Binaries, place: Place, runAs: RunAs | undefined): Promise<void> {
  if (await exists(place.data)) return;
  for (const name of await readdir(place.folder)) {
    if (name.startsWith(UNFINISHED)) await rm(join(place.folder, name), { recursive: true });
  }
  const unfinished = join(place.folder, `${UNFINISHED}${process.pid}`);
  await mkdir(unfinished, { mode: 0o700 });
  if (runAs) await chown(unfinished, runAs.uid, runAs.gid);
  await install(binaries.installer, unfinished, place.folder, runAs);
  await rename(unfinished, place.data);
}

async function install(installer: string, folder: string, cwd: string, runAs: RunAs | undefined): Promise<void> {
  const options = ['--no-defaults', `--datadir=${folder}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  const identity = runAs ? { uid: runAs.uid, gid: runAs.gid } : {};
  try {
    // A server that starts deletes whatever temporary tables it finds in its folder for them: where others share it, theirs as well.
    await run(installer, [...options, '--skip-name-resolve'], { ...identity, cwd, env: { ...process.env, TMPDIR: folder } });
  } catch (error) {
    throw new MariaDbError(
      'MARIADB_INSTALL_FAILED',
      `${installer} could not make the data folder ${folder}${runAs ? ` as user ${runAs.name}` : ''}: ${reasonOf(error)}\n` +
        'Is the disk full, or the folder closed to that user? SANDBOX_MARIADB_DIR names another one.',
    );
  }
}

/** What the server said when it filled the folder. The installer's own advice, about configuration files, does not apply here. */
function reasonOf(error: unknown): string {
  const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
  const [said = ''] = `${stderr}\n${stdout}`.split('Installation of system tables failed!');
  return said.trim().slice(-2000) || message;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
