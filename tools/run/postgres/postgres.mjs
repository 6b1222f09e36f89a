import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keepPort } from '../ports.mjs';
import { makePrivateFolder, runAs, serviceFolder } from '../service-folder.mjs';
import { spawnService } from '../spawn-service.mjs';
import { postgresBinaries } from './binaries.mjs';
import { ensureCluster, POSTGRES_ROLE } from './cluster.mjs';
import { ensureDatabase } from './database.mjs';
import { stopLeftoverPostgres } from './leftover.mjs';

const DATABASE = 'slipway';

/**
 * PostgreSQL with its data in the data folder: `{ url, port, service }`, where `service` is what the supervisor starts,
 * watches and stops. `settings` are further server settings.
 */
export async function preparePostgres({ home, account, settings = {} }) {
  const folder = serviceFolder(home, account);
  const binaries = postgresBinaries(account, folder);
  const data = path.join(makePrivateFolder(path.join(folder, 'postgres'), account), 'data');
  await stopLeftoverPostgres(data);
  const password = ensureCluster({ home, data, binaries, account });
  const port = await keepPort(home, 'postgres');
  const url = `postgresql://${POSTGRES_ROLE}:${password}@127.0.0.1:${port}/${DATABASE}`;
  const service = {
    name: 'postgres',
    stopSignal: 'SIGINT',
    async launch() {
      await stopLeftoverPostgres(data);
      const child = spawnService('postgres', path.join(binaries, 'bin/postgres'), ['-D', data, ...flags({ port, ...settings })], {
        home,
        env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
        ...runAs(account),
      });
      return { child, ready: whenReady(data, child).then(() => ensureDatabase(url)) };
    },
  };
  return { url, port, service };
}

/** No socket in the file system: its path may be too long, and its folder another user's. */
function flags(settings) {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200, ...settings };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The eighth line of postmaster.pid says how far the server is; pg_ctl reads the same. */
async function whenReady(data, child) {
  while (child.exitCode === null && child.signalCode === null) {
    const file = path.join(data, 'postmaster.pid');
    const lines = existsSync(file) ? readIfThere(file).split('\n') : [];
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return;
    await pause(20);
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
