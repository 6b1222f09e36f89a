import { lstat, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defineStep, StepError } from '@slipway/engine';
import { z } from 'zod';
import { insideWorkspace, isInside } from '../files/inside.js';

const Move = z.object({ from: z.string().min(1), to: z.string().min(1), overwrite: z.boolean().default(false) });
type Move = z.infer<typeof Move>;

/** Renames files and folders of the workspace, in the order given. What has its new name already is done. */
export const fsRename = defineStep({
  id: 'fs:rename',
  description: 'Renames files and folders of the workspace.',
  input: z.object({ files: z.array(Move) }),
  output: z.strictObject({}),
  workspace: 'write',
  run: async (ctx, { files }) => {
    for (const move of files) {
      await renameOne(await realpath(ctx.files.workspace), move);
      ctx.log.info(`Renamed ${move.from} to ${move.to}.`);
    }
    return { output: {} };
  },
});

async function renameOne(root: string, { from, to, overwrite }: Move): Promise<void> {
  const [source, target] = [await insideWorkspace(root, from), await insideWorkspace(root, to)];
  const [there, taken] = [await exists(source), await exists(target)];
  if (!there && taken) return;
  if (!there) throw new StepError('fatal', 'file_missing', `"${from}" cannot be renamed: it is not in the workspace.`);
  if (source === target) return;
  if (source === root || target === root || isInside(source, target))
    throw new StepError('fatal', 'target_refused', `"${from}" cannot be moved to "${to}".`);
  if (taken && !overwrite)
    throw new StepError('fatal', 'target_taken', `"${from}" cannot be renamed to "${to}": that is there already.`, {
      remedy: 'Say "overwrite: true" if it may go.',
    });
  if (taken) await rm(target, { recursive: true });
  await mkdir(dirname(target), { recursive: true });
  await rename(source, target);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
