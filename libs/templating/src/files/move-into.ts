import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { StepError } from '@slipway/engine';
import { folderInsideWorkspace } from './inside.js';

export interface Move {
  /** A finished folder beside the workspace, on the same disk; what is moved is gone from it. */
  staging: string;
  workspace: string;
  targetPath: string;
  /** Otherwise a file that is there already stays as it is. */
  replace: boolean;
}

/**
 * Moves finished files into the workspace, each whole, and a folder that is not there yet with all it holds. Doing it again
 * changes nothing.
 */
export async function moveInto({ staging, workspace, targetPath, replace }: Move): Promise<void> {
  const target = await folderInsideWorkspace(workspace, targetPath);
  await mkdir(target, { recursive: true });
  await merge(staging, target, { target, workspace, replace });
}

async function merge(from: string, to: string, move: { target: string; workspace: string; replace: boolean }): Promise<void> {
  // As it is mostly: the one folder takes the other's place.
  if ((await readdir(to)).length === 0) return rename(from, to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, place] = [join(from, entry.name), join(to, entry.name)];
    const there = await lstat(place).catch(() => null);
    if (!there) await rename(source, place);
    else if (entry.isDirectory()) {
      // Neither through a link nor through a file.
      await folderInsideWorkspace(move.workspace, place);
      await merge(source, place, move);
    } else if (there.isDirectory()) {
      const file = relative(move.target, place);
      throw new StepError('fatal', 'target_is_folder', `"${file}" cannot be written: a folder of that name is there.`);
    } else if (move.replace) await rename(source, place);
  }
}
