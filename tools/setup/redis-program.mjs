import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.mjs';
import { stage } from './stage.mjs';
import { installSystemPackage } from './system-package.mjs';

const WANTED = {
  what: 'Redis',
  apt: [['redis-server']],
  units: ['redis-server'],
  brew: 'redis',
  advice: 'Install it (Debian, Ubuntu: `sudo apt-get install redis-server`; Fedora: `sudo dnf install valkey`; macOS: `brew install redis`), '
    + 'or set REDIS_URL to one that runs with `maxmemory-policy noeviction`; then run the command again.',
};

/** The path of a Redis or Valkey server, installed first where that is possible without asking. */
export function ensureRedisProgram() {
  return stage('Redis', async (note) => {
    const find = () => findProgram('redis-server', 'valkey-server');
    if (!find()) await installSystemPackage(WANTED);
    const program = find();
    note(`${versionOf(program)} ${program}`);
    return program;
  });
}

function versionOf(program) {
  return /v=(\S+)/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? '';
}
