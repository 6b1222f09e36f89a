import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';

/** Writes a file that only we may read, complete or not at all. */
export function writePrivateFile(file, content) {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, content, { mode: 0o600 });
  renameSync(aside, file);
  return file;
}

/** The secrets of a data folder: one file each, mode 0600, in `secrets/`. */
export function secretFile(home, name) {
  return path.join(makeFolder(path.join(home, 'secrets'), 0o700), name);
}

/** The secret kept under a name, or undefined. */
export function readSecret(home, name) {
  try {
    return readFileSync(secretFile(home, name), 'utf8').trim();
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The secret kept under a name; made on first use: 256 random bits in `encoding`. */
export function keepSecret(home, name, encoding = 'base64url') {
  const kept = readSecret(home, name);
  if (kept) return kept;
  const value = randomBytes(32).toString(encoding);
  writePrivateFile(secretFile(home, name), value);
  return value;
}
