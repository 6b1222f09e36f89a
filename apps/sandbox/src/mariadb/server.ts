import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, open, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { ADMIN_USER, bootstrapSql } from './bootstrap-sql.js';
import type { Binaries } from './find-binaries.js';
import { MariaDbError } from './mariadb-error.js';
import { findOrphan, stopProcess } from './orphan.js';
import type { Place } from './place.js';
import type { RunAs } from './run-as.js';

interface ServerOptions {
  binaries: Binaries;
  place: Place;
  runAs: RunAs | undefined;
  port: number;
  password: string;
}

interface Server {
  pid: number;
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;
const POLL_MS = 25;

/**
 * Starts the server, or takes over the one that a killed sandbox left behind if it still serves this port with this password.
 *
 * @throws MariaDbError MARIADB_START_FAILED with the end of its log.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const orphan = await findOrphan(options.place);
  if (orphan !== undefined) {
    if (await answers(options)) return { pid: orphan, stop: () => stopProcess(orphan) };
    await stopProcess(orphan);
  }
  await writeInitFile(options);
  const child = await launch(options);
  await waitUntilReady(child, options);
  await rm(options.place.initFile, { force: true });
  const pid = child.pid as number;
  return { pid, stop: () => stopChild(child) };
}

async function writeInitFile({ place, runAs, password }: ServerOptions): Promise<void> {
  await rm(place.initFile, { force: true });
  await writeFile(place.initFile, bootstrapSql(password), { mode: 0o600 });
  if (runAs) await chown(place.initFile, runAs.uid, runAs.gid);
}

async function launch({ binaries, place, runAs, port }: ServerOptions): Promise<ChildProcess> {
  const log = await open(place.log, 'a', 0o600);
  if (runAs) await chown(place.log, runAs.uid, runAs.gid);
  try {
    const child = spawn(binaries.server, serverArguments(place, port), {
      // Its own group: a Ctrl-C in the terminal reaches the sandbox, which still needs the server to clean up, and not it.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: place.folder,
      ...(runAs ? { uid: runAs.uid, gid: runAs.gid } : {}),
    });
    child.unref();
    if (child.pid !== undefined) await writeFile(place.launchedFile, String(child.pid));
    return child;
  } finally {
    await log.close();
  }
}

function serverArguments(place: Place, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${place.data}`,
    `--tmpdir=${place.data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${place.socket}`,
    `--pid-file=${place.pidFile}`,
    `--init-file=${place.initFile}`,
    '--skip-log-bin',
    '--skip-name-resolve',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    '--key-buffer-size=1M',
    '--aria-pagecache-buffer-size=8M',
    '--performance-schema=OFF',
    '--max-connections=200',
    '--character-set-server=utf8mb4',
  ];
}

async function waitUntilReady(child: ChildProcess, options: ServerOptions): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  let gone: string | undefined;
  child.once('error', (error) => (gone = error.message));
  child.once('exit', (code, signal) => (gone = `it ended with ${signal ?? `exit code ${code}`}`));
  while (!(await answers(options))) {
    if (gone === undefined && Date.now() < deadline) {
      await wait(POLL_MS);
      continue;
    }
    if (gone === undefined) await stopChild(child);
    throw new MariaDbError(
      'MARIADB_START_FAILED',
      `MariaDB did not start on port ${options.port}: ${gone ?? `not ready within ${START_DEADLINE_MS / 1000} s`}. ` +
        `The end of its log (${options.place.log}):\n${await endOf(options.place.log)}\n` +
        'If another program took the port, remove ports.json from the data folder to have another one chosen.',
    );
  }
}

async function answers({ port, password }: ServerOptions): Promise<boolean> {
  try {
    const connection = await createConnection({ host: '127.0.0.1', port, user: ADMIN_USER, password, connectTimeout: 2000 });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  // Unreferenced until now, so that a crash of the sandbox is not held up; an orderly stop does wait for it.
  child.ref();
  await exited;
}

async function endOf(file: string): Promise<string> {
  const log = await readFile(file, 'utf8').catch(() => '');
  return log.trimEnd().split('\n').slice(-8).join('\n');
}
