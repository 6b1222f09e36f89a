import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPool, type Pool } from 'mysql2/promise';
import type { SandboxContext } from '../core/context.js';
import { keepAdminPassword } from './admin-password.js';
import { ADMIN_USER } from './bootstrap-sql.js';
import { Database } from './database.js';
import { findBinaries } from './find-binaries.js';
import { installDataFolder } from './install.js';
import { MariaDbError } from './mariadb-error.js';
import { choosePlace } from './place.js';
import { chooseRunAs } from './run-as.js';
import { startServer } from './server.js';

/**
 * The one MariaDB behind every database of the imaginary clusters. Without `adminUrl` it is a private instance whose files lie
 * under SANDBOX_HOME (see place.ts for when they cannot), bound to 127.0.0.1; with it (mysql://user:password@host:port) that
 * server is used and none is started.
 *
 * @throws MariaDbError with a code and what to do next.
 */
export async function startDatabase(ctx: SandboxContext, options: { port: number; adminUrl?: string }): Promise<Database> {
  if (options.adminUrl !== undefined) return useServer(ctx, options.adminUrl);
  const binaries = await findBinaries();
  const runAs = await chooseRunAs();
  const place = await choosePlace(ctx.home, runAs);
  const folder = join(ctx.home, 'mariadb');
  await mkdir(folder, { recursive: true });
  const password = await keepAdminPassword(join(folder, 'admin-password'));
  await installDataFolder(binaries, place, runAs);
  const server = await startServer({ binaries, place, runAs, port: options.port, password });
  return new Database({
    host: '127.0.0.1',
    port: options.port,
    pool: poolOf({ host: '127.0.0.1', port: options.port, user: ADMIN_USER, password }),
    store: ctx.store,
    exclusive: true,
    stop: () => server.stop(),
  });
}

async function useServer(ctx: SandboxContext, adminUrl: string): Promise<Database> {
  const url = new URL(adminUrl);
  const host = url.hostname;
  const port = url.port === '' ? 3306 : Number(url.port);
  const user = decodeURIComponent(url.username);
  const pool = poolOf({ host, port, user, password: decodeURIComponent(url.password) });
  await assertUsable(pool, `${host}:${port}`);
  return new Database({ host, port, pool, store: ctx.store, exclusive: false, stop: async () => {} });
}

/** Said at the start, since later it would look like a database that never becomes ready. */
async function assertUsable(pool: Pool, server: string): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    const why = (error as NodeJS.ErrnoException).code ?? 'it did not answer';
    throw new MariaDbError('MARIADB_REFUSED', `The MariaDB at ${server} (SANDBOX_MYSQL_URL) cannot be used: ${why}. Check its address, user and password.`);
  }
}

function poolOf(login: { host: string; port: number; user: string; password: string }): Pool {
  return createPool({ ...login, connectionLimit: 4, maxIdle: 1, idleTimeout: 10_000, enableKeepAlive: true });
}
