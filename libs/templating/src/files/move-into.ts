import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StepError } from '@slipway/engine';
import { folderInsideWorkspace } from './inside.js';

export interface Move {
  /** A finished folder beside the workspace, on the same disk. */
  staging: string;
  workspace: string;
  targetPath: string;
  /** Relative to `staging`. */
  files: readonly string[];
  /** Otherwise a file that is there already stays as it is. */
  replace: boolean;
}

/** Moves finished files into the workspace, each whole. Doing it again changes nothing. */
export async function moveInto({ staging, workspace, targetPath, files, replace }: Move): Promise<void> {
  const target = await folderInsideWorkspace(workspace, targetPath);
  const checked = new Set<string>();
  for (const file of files) {
    const to = join(target, file);
    if (!checked.has(dirname(to))) {
      await folderInsideWorkspace(workspace, dirname(to));
      await mkdir(dirname(to), { recursive: true });
      checked.add(dirname(to));
    }
    const there = await lstat(to).catch(() => null);
    if (there?.isDirectory())
      throw new StepError('fatal', 'target_is_folder', `"${file}" cannot be written: a folder of that name is there.`);
    if (!there || replace) await rename(join(staging, file), to);
  }
}
