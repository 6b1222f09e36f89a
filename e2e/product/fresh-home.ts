import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.js';

/** A data folder of its own, and the environment in which a command of ours brings everything up there. */
export async function freshHome(): Promise<{ home: string; env: NodeJS.ProcessEnv }> {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-e2e-'));
  // Databases run as an ordinary user even where the tests are root: they must be able to enter.
  await chmod(home, 0o711);
  const env: NodeJS.ProcessEnv = { ...process.env, SLIPWAY_HOME: home, PORT: String(await freePort()) };
  // Given ones would be used; these journeys are about what the set-up brings up by itself.
  delete env['DATABASE_URL'];
  delete env['REDIS_URL'];
  return { home, env };
}
