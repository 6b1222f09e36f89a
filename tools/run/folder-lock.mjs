// One holder per folder, and none once the holder is dead, however it died. The lock is the highest numbered file
// `lock.<n>`; it is held while the process named in it lives. Taking over means creating the next number, which only
// one can do; numbers are never reused, so that a slow newcomer cannot take what has been taken meanwhile.
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';
import { identify, isAlive } from './process-identity.mjs';

/**
 * Tries to hold `folder` for this process. Answers `{ held: true, describe(facts), release() }`, or
 * `{ held: false, holder }` with what the holder wrote: `{ pid, start, …facts }`.
 */
export function tryLock(folder, facts = {}) {
  makeFolder(folder);
  for (;;) {
    const newest = newestLock(folder);
    const holder = newest > 0 ? readLock(folder, newest) : undefined;
    if (holder && isAlive(holder)) return { held: false, holder };
    const number = newest + 1;
    if (create(folder, number, facts) && newestLock(folder) === number) return heldLock(folder, number);
  }
}

function newestLock(folder) {
  const numbers = readdirSync(folder).map((name) => Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

function readLock(folder, number) {
  try {
    return JSON.parse(readFileSync(path.join(folder, `lock.${number}`), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Complete or not at all: written aside, then linked under its name, which fails where the name is taken. */
function create(folder, number, facts) {
  const aside = path.join(folder, `lock-${process.pid}-${number}`);
  writeFileSync(aside, JSON.stringify({ ...identify(process.pid), ...facts }), { mode: 0o600 });
  try {
    linkSync(aside, path.join(folder, `lock.${number}`));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function heldLock(folder, number) {
  removeOlder(folder, number);
  const rewrite = (content) => {
    const aside = path.join(folder, `lock-${process.pid}-${number}`);
    writeFileSync(aside, JSON.stringify(content), { mode: 0o600 });
    renameSync(aside, path.join(folder, `lock.${number}`));
  };
  return {
    held: true,
    describe: (facts) => rewrite({ ...identify(process.pid), ...facts }),
    /** The file stays, naming nobody: its number must not be used again. */
    release: () => rewrite({ pid: 0 }),
  };
}

function removeOlder(folder, number) {
  for (const name of readdirSync(folder)) {
    const found = Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? number);
    if (found < number) rmSync(path.join(folder, name), { force: true });
  }
}
