import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.mjs';
import { installSystemPackage } from './system-package.mjs';

export const REDIS = {
  what: 'Redis',
  isThere: () => find() !== undefined,
  apt: [['redis-server']],
  units: ['redis-server'],
  brew: 'redis',
  advice: 'Install it (Debian, Ubuntu: `sudo apt-get install redis-server`; Fedora: `sudo dnf install valkey`; macOS: `brew install redis`), '
    + 'or set REDIS_URL to one that runs with `maxmemory-policy noeviction`; then run the command again.',
};

/** The path of a Redis or Valkey server, installed first where that is possible without asking. */
export async function ensureRedisProgram() {
  if (!find()) await installSystemPackage(REDIS);
  return find();
}

function find() {
  return findProgram('redis-server', 'valkey-server');
}

/** Its version, as in `7.0.15`. */
export function redisVersion(program) {
  return /v=(\S+)/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? '';
}
