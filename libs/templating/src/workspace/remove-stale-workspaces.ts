import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Working copies that a killed process left below `base/runs`. They hold nothing that is not stored elsewhere; one not
 * opened for `olderThanMs` belongs to no attempt that still goes on, whoever shares the base. Answers how many went.
 */
export async function removeStaleWorkspaces(base: string, olderThanMs: number, now = new Date()): Promise<number> {
  const runs = join(base, 'runs');
  const names = await readdir(runs).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const folder = join(runs, name);
    // Gone meanwhile: its own process closed it.
    const opened = await stat(folder).catch(() => null);
    if (!opened || now.getTime() - opened.mtimeMs < olderThanMs) continue;
    await rm(folder, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
