import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the checkout. (`import.meta.dirname` would need Node 20.11.) */
export const repositoryRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What set-up knows about this checkout's dependencies and builds; it vanishes with node_modules, as it should. */
export const stampFolder = path.join(repositoryRoot, 'node_modules', '.slipway');

/** Absolute path of the data folder (`SLIPWAY_HOME`), made if it is missing. */
export function dataFolder() {
  return makeFolder(process.env.SLIPWAY_HOME || path.join(repositoryRoot, '.slipway'));
}

/** A folder of the data folder, made if it is missing. `mode` counts only for a new one. */
export function makeFolder(folder, mode = 0o755) {
  const absolute = path.resolve(folder);
  mkdirSync(absolute, { recursive: true, mode });
  return absolute;
}
