import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../../setup/failure.mjs';
import { makeFolder } from '../../setup/folders.mjs';
import { keepSecret, readSecret } from '../secret-file.mjs';
import { runAs } from '../service-folder.mjs';

export const POSTGRES_ROLE = 'slipway';
const PASSWORD = 'postgres-password';

/**
 * Makes the database cluster in `data` if there is none. It is made aside and renamed when whole, so that `data` never
 * holds half of one. Answers the password of its only role.
 */
export function ensureCluster({ home, data, binaries, account }) {
  const exists = existsSync(path.join(data, 'PG_VERSION'));
  const passwordWasLost = exists && readSecret(home, PASSWORD) === undefined;
  const password = keepSecret(home, PASSWORD);
  if (!exists) initialise({ data, binaries, account, password });
  else if (passwordWasLost) resetPassword({ data, binaries, account, password });
  return password;
}

function initialise({ data, binaries, account, password }) {
  removeInterrupted(data);
  // A name of its own: the initdb of a start that was killed may still be at work, and empties its folder when it fails.
  const aside = `${data}.new.${process.pid}`;
  const passwordFile = `${data}.password`;
  makeFolder(aside, 0o700);
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) for (const file of [aside, passwordFile]) chownSync(file, account.uid, account.gid);
  try {
    run('initdb', [
      '--pgdata', aside, '--username', POSTGRES_ROLE, '--pwfile', passwordFile,
      '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C',
    ], { binaries, account });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  rmSync(data, { recursive: true, force: true });
  renameSync(aside, data);
}

function removeInterrupted(data) {
  const folder = path.dirname(data);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${path.basename(data)}.new`)) rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The password file was deleted: as the data's owner we may set a new one, with PostgreSQL's single-user mode. */
function resetPassword({ data, binaries, account, password }) {
  run('postgres', ['--single', '-D', data, 'postgres'], {
    binaries,
    account,
    input: `ALTER ROLE ${POSTGRES_ROLE} PASSWORD '${password}'\n`,
  });
}

function run(program, args, { binaries, account, input }) {
  const answer = spawnSync(path.join(binaries, 'bin', program), args, {
    encoding: 'utf8',
    input,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    ...runAs(account),
  });
  if (answer.status === 0) return;
  throw new Failure('POSTGRES_NOT_INITIALISED', `PostgreSQL's \`${program}\` failed${account ? ` as user ${account.name}` : ''}.`, {
    tail: answer.error?.message ?? `${answer.stdout}${answer.stderr}`,
    advice: 'Correct what the lines above name, or start a PostgreSQL of your own and set DATABASE_URL.',
  });
}
