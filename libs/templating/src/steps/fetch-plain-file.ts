import { join } from 'node:path';
import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { copyPlain } from '../files/copy-folder.js';
import { insideWorkspace } from '../files/inside.js';
import { withSource } from '../files/source.js';
import type { RemoteContent } from '../remote/remote-content.js';
import { moveRenamed } from './fetch-template-file.js';

const Input = z.object({ url: z.string().min(1), targetPath: z.string().min(1), token: z.string().optional(), base: z.string().optional() });
type Input = z.infer<typeof Input>;

/** Copies one file into the workspace as it is, over what is there. */
export function fetchPlainFile(remote: RemoteContent): StepDefinition {
  return defineStep<Input, Record<string, never>>({
    id: 'fetch:plain:file',
    description: 'Copies one file of the template, of a repository, or from an allowed host into the workspace.',
    input: Input,
    output: z.strictObject({}),
    workspace: 'write',
    run: (ctx, { targetPath, ...source }) =>
      withSource(ctx, remote, 'file', source, async (from, staging) => {
        await insideWorkspace(ctx.files.workspace, targetPath);
        await copyPlain(from, join(staging, 'file'));
        await moveRenamed(join(staging, 'file'), ctx.files.workspace, targetPath, true);
        ctx.log.info(`Copied ${targetPath}.`);
        return { output: {} };
      }),
  });
}
