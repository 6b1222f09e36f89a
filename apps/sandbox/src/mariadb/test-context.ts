import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../core/clock.js';
import type { SandboxContext } from '../core/context.js';
import { Faults } from '../core/faults.js';
import { Store } from '../core/store.js';

export interface TestContext {
  ctx: SandboxContext;
  close(): Promise<void>;
}

/** What the specs of the stand-ins start from: an empty home, free ports, a clock of its own. Removed by close(). */
export async function openTestContext(): Promise<TestContext> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-sandbox-'));
  // Beside the home, which only we may enter: as root the server runs as another user.
  const databaseFolder = await mkdtemp(join(tmpdir(), 'slipway-mariadb-'));
  process.env['SANDBOX_MARIADB_DIR'] = databaseFolder;
  const store = Store.open(join(home, 'store.sqlite'));
  const clock = new Clock();
  const [github, akeyless, argocd, kubernetes, control, mysql] = await freePorts(6);
  const ports = { github, akeyless, argocd, kubernetes, control, mysql } as SandboxContext['ports'];
  return {
    ctx: { home, host: '127.0.0.1', publicHost: '127.0.0.1', ports, store, clock, faults: new Faults() },
    close: async () => {
      clock.stop();
      store.close();
      delete process.env['SANDBOX_MARIADB_DIR'];
      await Promise.all([home, databaseFolder].map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

/** All held until the last is found, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
