import { realpath, rm } from 'node:fs/promises';
import { join, matchesGlob, posix } from 'node:path';
import { defineStep, StepError } from '@slipway/engine';
import { z } from 'zod';
import { insideWorkspace } from '../files/inside.js';
import { listBelow } from '../files/list-files.js';

/** Deletes files and folders of the workspace, by path or glob. What is not there is no fault: doing it again changes nothing. */
export const fsDelete = defineStep({
  id: 'fs:delete',
  description: 'Deletes files and folders of the workspace, by path or glob.',
  input: z.object({ files: z.array(z.string().min(1)) }),
  output: z.strictObject({}),
  workspace: 'write',
  run: async (ctx, { files }) => {
    const root = await realpath(ctx.files.workspace);
    for (const file of files) {
      const place = await insideWorkspace(root, file);
      if (place === root) throw new StepError('fatal', 'target_refused', `"${file}" is the whole workspace, which stays.`);
      const paths = /[*?[\]{}]/.test(file) ? await matching(root, file) : [place];
      for (const path of paths) await rm(path, { recursive: true, force: true });
      ctx.log.info(`Deleted ${file}.`);
    }
    return { output: {} };
  },
});

async function matching(root: string, glob: string): Promise<string[]> {
  const pattern = posix.normalize(glob);
  return (await listBelow(root)).filter(({ path }) => matchesGlob(path, pattern) || path === pattern).map(({ path }) => join(root, path));
}
