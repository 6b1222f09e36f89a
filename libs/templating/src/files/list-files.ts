import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { StepError } from '@slipway/engine';

const mostFiles = 20_000;

export interface Listed {
  path: string;
  kind: 'file' | 'folder' | 'link';
}

/** What a folder holds, sorted; links are named and not followed. */
export async function listBelow(root: string, recursive = true, below = ''): Promise<Listed[]> {
  const listed: Listed[] = [];
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = posix.join(below, entry.name);
    if (entry.isDirectory()) {
      listed.push({ path, kind: 'folder' }, ...(recursive ? await listBelow(root, true, path) : []));
    } else if (entry.isFile() || entry.isSymbolicLink()) listed.push({ path, kind: entry.isFile() ? 'file' : 'link' });
    if (listed.length > mostFiles) throw new StepError('fatal', 'too_many_files', `There are more than ${mostFiles} files.`);
  }
  return listed;
}
