import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { copyFolder } from '../files/copy-folder.js';
import { moveInto } from '../files/move-into.js';
import { withSource } from '../files/source.js';
import type { RemoteContent } from '../remote/remote-content.js';

const Input = z.object({ url: z.string().min(1), targetPath: z.string().default('.'), token: z.string().optional(), base: z.string().optional() });
type Input = z.infer<typeof Input>;

/** Copies a folder into the workspace as it is, over what is there. */
export function fetchPlain(remote: RemoteContent): StepDefinition {
  return defineStep<Input, { files: number }>({
    id: 'fetch:plain',
    description: 'Copies a folder of the template, or of a repository, into the workspace as it is.',
    input: Input,
    output: z.object({ files: z.number().int() }),
    workspace: 'write',
    run: (ctx, input) =>
      withSource(ctx, remote, 'folder', input, async (from, staging) => {
        const files = await copyFolder(from, staging, ctx.signal);
        await moveInto({ staging, workspace: ctx.files.workspace, targetPath: input.targetPath, replace: true });
        ctx.log.info(`Copied ${files.length} files.`);
        return { output: { files: files.length } };
      }),
  });
}
