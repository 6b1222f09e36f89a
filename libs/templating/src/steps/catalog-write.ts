import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defineStep, StepError } from '@slipway/engine';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { insideWorkspace } from '../files/inside.js';

/** Writes an entity's description into the workspace, over what is there. */
export const catalogWrite = defineStep({
  id: 'catalog:write',
  description: "Writes an entity's description into the workspace.",
  input: z.object({ filePath: z.string().min(1).default('catalog-info.yaml'), entity: z.record(z.string(), z.unknown()) }),
  output: z.strictObject({}),
  workspace: 'write',
  run: async (ctx, { filePath, entity }) => {
    const file = await insideWorkspace(ctx.files.workspace, filePath);
    const text = stringify(entity);
    // What goes in must come out, whatever a value is made of: other tools read this file.
    if (!isDeepStrictEqual(parse(text), JSON.parse(JSON.stringify(entity))))
      throw new StepError('fatal', 'entity_refused', 'The entity holds values that YAML cannot keep as they are.');
    await mkdir(dirname(file), { recursive: true });
    // A link of that name is replaced, and not followed.
    await rm(file, { force: true });
    await writeFile(file, text, { flag: 'wx' });
    ctx.log.info(`Wrote ${filePath}.`);
    return { output: {} };
  },
});
