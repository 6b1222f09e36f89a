import { lstat, realpath } from 'node:fs/promises';
import { basename, posix, relative } from 'node:path';
import { defineStep, StepError } from '@slipway/engine';
import { z } from 'zod';
import { folderInsideWorkspace } from '../files/inside.js';
import { listBelow } from '../files/list-files.js';

const Entry = z.object({ name: z.string(), path: z.string(), fullPath: z.string() });
const Output = z.object({ files: z.array(Entry), folders: z.array(Entry) });

/** What folders of the workspace hold, sorted. `fullPath` is the path in the workspace: the next step may run elsewhere. */
export const fsReaddir = defineStep({
  id: 'fs:readdir',
  description: 'Lists the files and folders of the workspace.',
  input: z.object({ paths: z.array(z.string().min(1)), recursive: z.boolean().default(false) }),
  output: Output,
  workspace: 'read',
  run: async (ctx, { paths, recursive }) => {
    const output: z.infer<typeof Output> = { files: [], folders: [] };
    const root = await realpath(ctx.files.workspace);
    for (const path of paths) {
      const folder = await folderInsideWorkspace(root, path);
      if (!(await lstat(folder).catch(() => null))?.isDirectory())
        throw new StepError('fatal', 'file_missing', `There is no folder "${path}" in the workspace.`);
      for (const listed of await listBelow(folder, recursive)) {
        const inWorkspace = posix.join(relative(root, folder), listed.path);
        const entry = { name: basename(listed.path), path: inWorkspace, fullPath: inWorkspace };
        (listed.kind === 'folder' ? output.folders : output.files).push(entry);
      }
    }
    return { output };
  },
});
