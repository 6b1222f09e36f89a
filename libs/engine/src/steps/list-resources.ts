import { z } from 'zod';
import { defineStep } from '../step-definition.js';

const Input = z.strictObject({});
const Output = z.object({
  /** By kind, oldest first: `{ 'kubernetes:namespace': ['shop'] }`. */
  ids: z.record(z.string(), z.array(z.string())),
});

/** What a DAY-2 action needs to know of what an earlier run made: names that no form should ask for again. */
export const listResources = defineStep<z.infer<typeof Input>, z.infer<typeof Output>>({
  id: 'resources:list',
  description: 'Names everything the ledger holds of this entity.',
  input: Input,
  output: Output,
  workspace: 'none',
  foresee: () => [],
  async run(ctx) {
    const ids: Record<string, string[]> = {};
    for (const { kind, externalId } of await ctx.resources.standing()) (ids[kind] ??= []).push(externalId);
    ctx.log.info(`${ctx.entity.identifier} has ${Object.keys(ids).sort().join(', ') || 'nothing'}.`);
    return { output: { ids } };
  },
});
