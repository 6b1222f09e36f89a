import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StepError, takingTurns } from '@slipway/engine';
import { archiveLimits, pathsIn } from './archive.js';

/** Files are stored with the run and pushed to repositories. Throws for the first whose name or content holds a secret value. */
export async function refuseSecrets(workspace: string, holdsSecret: (text: string) => boolean): Promise<void> {
  const pause = takingTurns();
  for (const name of await pathsIn(workspace, { emptyFolders: true })) {
    if (holdsSecret(name)) throw refused('The name of a file');
    if (holdsSecret(textOf(join(workspace, name)))) throw refused(`The file ${name}`);
    await pause();
  }
}

/** What is too large to be stored is refused for that. */
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
