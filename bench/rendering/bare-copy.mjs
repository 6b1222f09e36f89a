import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { secondsOf } from './seconds-of.mjs';

/** The same files read and written once, and nothing done to them: below this no rendering can be. */
export async function bareCopy(from) {
  const to = await mkdtemp(path.join(tmpdir(), 'slipway-copied-'));
  try {
    return await secondsOf(() => {
      for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const below = path.join(to, path.relative(from, entry.parentPath));
        mkdirSync(below, { recursive: true });
        writeFileSync(path.join(below, entry.name), readFileSync(path.join(entry.parentPath, entry.name)));
      }
    });
  } finally {
    await rm(to, { recursive: true });
  }
}
