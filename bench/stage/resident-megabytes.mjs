import { execFileSync } from 'node:child_process';

/** What a process holds in memory, as `ps` tells it on Linux and macOS alike. */
export function residentMegabytes(pid) {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}
