import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './folders.mjs';

/** Folders that hold no source. */
const SKIPPED = new Set(['node_modules', 'dist', 'generated', 'coverage', '.nx', '.git', '.slipway']);

/** A digest of the names and contents of everything under the given paths of the checkout; what is missing counts as such. */
export function digestOfSources(paths) {
  const hash = createHash('sha256');
  for (const relative of paths) {
    const absolute = path.join(repositoryRoot, relative);
    hash.update(`\0${relative}\0${existsSync(absolute)}`);
    if (!existsSync(absolute)) continue;
    for (const file of filesUnder(absolute, (name) => !SKIPPED.has(name))) {
      hash.update(`\0${path.relative(repositoryRoot, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/** What the check of the types writes beside what the build writes. */
const WRITTEN_BY_CHECK = /\.d\.ts(\.map)?$|\.tsbuildinfo$/;

/** A digest of the names and sizes of what a build wrote, so that something deleted or half written is noticed. */
export function digestOfOutputs(folderName, roots) {
  const hash = createHash('sha256');
  for (const root of roots) {
    for (const folder of foldersNamed(folderName, path.join(repositoryRoot, root))) {
      for (const file of filesUnder(folder, () => true)) {
        if (!WRITTEN_BY_CHECK.test(file)) hash.update(`\0${file}\0${statSync(file).size}`);
      }
    }
  }
  return hash.digest('hex');
}

function* filesUnder(absolute, enter) {
  if (!statSync(absolute).isDirectory()) {
    yield absolute;
    return;
  }
  const entries = readdirSync(absolute, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = path.join(absolute, entry.name);
    if (entry.isDirectory() && enter(entry.name)) yield* filesUnder(child, enter);
    else if (entry.isFile()) yield child;
  }
}

function* foldersNamed(name, folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const child = path.join(folder, entry.name);
    if (entry.name === name) yield child;
    // What was generated is built as well: the copy in dist comes and goes with the build.
    else if (!SKIPPED.has(entry.name)) yield* foldersNamed(name, child);
  }
}
