import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder, stampFolder } from './folders.mjs';

/**
 * Does `work` unless it finished before with the same fingerprint. The stamp goes before the work begins and comes
 * back after it, so that work that was killed is done again. Answers whether it did the work.
 */
export async function unlessStamped(name, fingerprint, work) {
  const file = path.join(stampFolder, `${name}.stamp`);
  if (readStamp(file) === (await fingerprint())) return false;
  rmSync(file, { force: true });
  await work();
  makeFolder(stampFolder);
  writeFileSync(file, await fingerprint());
  return true;
}

function readStamp(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
