import type { EntityRef } from '@slipway/contracts';
import { defineStep, type StepContext, type StepDefinition, StepError } from '@slipway/engine';
import { parseEntityReference } from '@slipway/templating';
import { z } from 'zod';
import { isVisible } from '../../access/visibility.js';
import { isStorable } from '../../storable.js';
import { toBackstageEntity } from '../catalog-info.js';
import type { Catalogue } from '../catalogue.js';

const Input = z.object({
  entityRef: z.string().optional(),
  entityRefs: z.array(z.string()).max(1_000).optional(),
  /** What is not there is null then, and no failure. */
  optional: z.boolean().default(false),
  defaultKind: z.string().optional(),
  defaultNamespace: z.string().optional(),
});
type Input = z.infer<typeof Input>;

const Fetched = z.record(z.string(), z.unknown()).nullable();
const Output = z.strictObject({ entity: Fetched.optional(), entities: z.array(Fetched).optional() });
type Output = z.infer<typeof Output>;

/** Hands a template what the catalogue knows of others, as far as the team of the run's entity may see it. */
export function catalogFetch(catalogue: Catalogue): StepDefinition {
  return defineStep<Input, Output>({
    id: 'catalog:fetch',
    description: 'Reads entities from the catalogue by their references.',
    input: Input,
    output: Output,
    workspace: 'none',
    run: async (ctx, input) => {
      const { entityRef, entityRefs, optional } = input;
      if (entityRef === undefined && entityRefs === undefined && !optional)
        throw new StepError('fatal', 'entity_unnamed', 'catalog:fetch was given neither "entityRef" nor "entityRefs".');
      const output: Output = {};
      if (entityRef !== undefined) output.entity = await fetchOne(catalogue, ctx, input, entityRef);
      if (entityRefs !== undefined) {
        output.entities = [];
        for (const reference of entityRefs) output.entities.push(await fetchOne(catalogue, ctx, input, reference));
      }
      return { output };
    },
  });
}

async function fetchOne(catalogue: Catalogue, ctx: StepContext, input: Input, reference: string): Promise<Record<string, unknown> | null> {
  const entity = refOf(reference, input);
  const found = entity && isStorable(entity) ? await catalogue.find(entity) : null;
  const seen = found && isVisible({ all: false, team: await catalogue.teamOf(ctx.entity) }, found);
  if (!seen && !input.optional)
    throw new StepError('fatal', 'entity_not_found', `There is no "${reference.slice(0, 200)}" in the catalogue.`, {
      remedy: 'Correct the reference (kind:namespace/name), or say `optional: true` and use what comes only if it is there.',
    });
  return found && seen ? toBackstageEntity(found) : null;
}

/** Null: the catalogue has one namespace, so there is nothing in another. */
function refOf(reference: string, defaults: Input): EntityRef | null {
  try {
    const { kind, namespace, name } = parseEntityReference(reference, defaults);
    return namespace.toLowerCase() === 'default' ? { blueprint: kind.toLowerCase(), identifier: name.toLowerCase() } : null;
  } catch (error) {
    throw new StepError('fatal', 'entity_reference_invalid', `${(error as Error).message}.`);
  }
}
