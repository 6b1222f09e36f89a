import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { copyPlain } from '../files/copy-folder.js';
import { insideWorkspace } from '../files/inside.js';
import { moveInto } from '../files/move-into.js';
import { withSource } from '../files/source.js';
import type { RemoteContent } from '../remote/remote-content.js';
import { renderSkeleton } from '../skeleton/render-skeleton.js';

const Input = z.object({
  url: z.string().min(1),
  targetPath: z.string().min(1),
  values: z.record(z.string(), z.unknown()).default({}),
  cookiecutterCompat: z.boolean().default(false),
  replace: z.boolean().default(false),
  trimBlocks: z.boolean().default(false),
  lstripBlocks: z.boolean().default(false),
  token: z.string().optional(),
  base: z.string().optional(),
  missing: z.enum(['fail', 'empty']).default('fail'),
});
type Input = z.infer<typeof Input>;

/** Renders one file into the workspace, as `fetch:template` does a folder. */
export function fetchTemplateFile(remote: RemoteContent): StepDefinition {
  return defineStep<Input, Record<string, never>>({
    id: 'fetch:template:file',
    description: 'Renders one file of the template, or of a repository, into the workspace.',
    input: Input,
    output: z.strictObject({}),
    workspace: 'write',
    run: (ctx, { url, base, token, targetPath, replace, ...options }) =>
      withSource(ctx, remote, 'file', { url, base, token }, async (source, staging) => {
        await insideWorkspace(ctx.files.workspace, targetPath);
        const [from, to] = [join(staging, 'from'), join(staging, 'to')];
        for (const folder of [from, to]) await mkdir(folder);
        // Called plainly while it is rendered: its own name may hold an expression, and the target path is what counts.
        await copyPlain(source, join(from, 'file'));
        const { warnings } = await renderSkeleton(
          { from, to, ...options, copyWithoutTemplating: [], copyWithoutRender: [], templateFileExtension: null },
          ctx.signal,
        );
        for (const warning of warnings) ctx.log.warn(warning);
        await moveRenamed(join(to, 'file'), ctx.files.workspace, targetPath, replace);
        ctx.log.info(`Rendered ${targetPath}.`);
        return { output: {} };
      }),
  });
}

/** Under its new name in a folder of its own first, so that it goes the way all files go. */
export async function moveRenamed(file: string, workspace: string, targetPath: string, replace: boolean): Promise<void> {
  const staging = `${file}.named`;
  await mkdir(staging);
  await copyPlain(file, join(staging, basename(targetPath)));
  await moveInto({ staging, workspace, targetPath: dirname(targetPath), replace });
}
