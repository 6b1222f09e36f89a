import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../setup/failure.mjs';
import { repositoryRoot } from '../setup/folders.mjs';
import { spawnService } from './spawn-service.mjs';

/** Halves the work of a start. It goes with the packages, and serves every data folder of this checkout. */
const compileCache = path.join(repositoryRoot, 'node_modules/.cache/compiled');

const sourceMaps = new URL('own-source-maps.mjs', import.meta.url).href;

/**
 * One of our own programs as a service. It is ready once it says so over its channel (`{ ready: true }`) and, where
 * `healthUrl` is given, that answers 200 too (alone it would not do: another program may have the port). It ends itself
 * when the channel closes, that is, when we die.
 */
export function nodeService({ name, script, home, env, healthUrl }) {
  const file = path.resolve(repositoryRoot, script);
  if (!existsSync(file)) {
    throw new Failure('PROGRAM_NOT_BUILT', `${script} is not there, so ${name} cannot start.`, {
      advice: 'Remove .nx and node_modules/.slipway and run the command again: the build is then done anew.',
    });
  }
  return {
    name,
    async launch() {
      const child = spawnService(name, process.execPath, ['--import', sourceMaps, file], {
        home,
        channel: true,
        cwd: repositoryRoot,
        env: { NODE_ENV: 'production', NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
      });
      return { child, ready: whenSaid(child).then(() => healthUrl && whenHealthy(healthUrl, child)) };
    },
  };
}

function whenSaid(child) {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (message?.ready === true) resolve();
    });
  });
}

async function whenHealthy(url, child) {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await pause(50);
  }
}
