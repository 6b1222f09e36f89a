import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { moveInto } from '../files/move-into.js';
import { withSource } from '../files/source.js';
import type { RemoteContent } from '../remote/remote-content.js';
import type { RenderJob } from '../skeleton/render-folder.js';
import { renderSkeleton } from '../skeleton/render-skeleton.js';

const Input = z
  .object({
    /** A folder of the template, or of a repository on an allowed host. */
    url: z.string().min(1),
    targetPath: z.string().default('.'),
    values: z.record(z.string(), z.unknown()).default({}),
    copyWithoutTemplating: z.array(z.string()).default([]),
    /** Backstage's older word, which leaves names alone too. */
    copyWithoutRender: z.array(z.string()).default([]),
    cookiecutterCompat: z.boolean().default(false),
    /** Only files that end so are rendered, and lose it; true: `.njk`. */
    templateFileExtension: z.union([z.boolean(), z.string()]).default(false),
    /** Otherwise a file that is there already stays as it is. */
    replace: z.boolean().default(false),
    trimBlocks: z.boolean().default(false),
    lstripBlocks: z.boolean().default(false),
    token: z.string().optional(),
    base: z.string().optional(),
    /** What becomes of an expression without a value; see `compilePlan` for when it is not said. */
    missing: z.enum(['fail', 'empty']).default('fail'),
  })
  .refine(
    (input) =>
      !input.templateFileExtension ||
      (!input.cookiecutterCompat && input.copyWithoutTemplating.length + input.copyWithoutRender.length === 0),
    'templateFileExtension goes with neither cookiecutterCompat nor copyWithoutTemplating',
  );
type Input = z.infer<typeof Input>;

/** Renders a skeleton into the workspace. Doing it again changes nothing. */
export function fetchTemplate(remote: RemoteContent): StepDefinition {
  return defineStep<Input, { files: number }>({
    id: 'fetch:template',
    description: 'Renders a folder of the template, or of a repository, into the workspace.',
    input: Input,
    output: z.object({ files: z.number().int() }),
    workspace: 'write',
    run: (ctx, input) =>
      withSource(ctx, remote, 'folder', input, async (from, staging) => {
        const { targetPath, replace } = input;
        const { files, warnings } = await renderSkeleton(jobOf(input, from, staging), ctx.signal);
        for (const warning of warnings) ctx.log.warn(warning);
        await moveInto({ staging, workspace: ctx.files.workspace, targetPath, replace });
        ctx.log.info(`Rendered ${files.length} files.`);
        return { output: { files: files.length } };
      }),
  });
}

function jobOf(input: Input, from: string, to: string): RenderJob {
  const { values, copyWithoutTemplating, copyWithoutRender, cookiecutterCompat, trimBlocks, lstripBlocks, missing } = input;
  const options = { values, copyWithoutTemplating, copyWithoutRender, cookiecutterCompat, trimBlocks, lstripBlocks, missing };
  return { from, to, ...options, templateFileExtension: extensionOf(input.templateFileExtension) };
}

function extensionOf(asked: boolean | string): string | null {
  if (asked === false || asked === '') return null;
  if (asked === true) return '.njk';
  return asked.startsWith('.') ? asked : `.${asked}`;
}
