import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StepError } from '@slipway/engine';
import { archiveLimits } from './archive.js';

/** Looked through without a pause: others of this process wait meanwhile, for some milliseconds. */
const charactersAtOnce = 1024 * 1024;

/** Files are stored with the run and pushed to repositories. Throws for the first whose name or content holds a secret value. */
export async function refuseSecrets(workspace: string, holdsSecret: (text: string) => boolean): Promise<void> {
  let looked = 0;
  for (const entry of await readdir(workspace, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(workspace, path);
    if (holdsSecret(name)) throw refused('The name of a file');
    const text = textOf(path);
    if (holdsSecret(text)) throw refused(`The file ${name}`);
    looked += text.length;
    if (looked > charactersAtOnce) looked = await nextTurn(0);
  }
}

/**
 * What is too large to be stored is refused for that. At once: files are mostly small, and to read one by way of another thread
 * costs several times as much.
 */
function textOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() && stat.size <= archiveLimits.content ? readFileSync(path, 'utf8') : '';
}

function refused(what: string): StepError {
  return new StepError('fatal', 'secret_in_files', `${what} holds a secret value; files are stored and pushed, so it was refused.`, {
    remedy: 'Write a reference (provider:path#key) instead of the value, or hand the value over where only the system that needs it sees it.',
  });
}
