import { Identifier } from '@slipway/contracts';
import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { Catalogue } from '../catalogue.js';
import { describe, entityKindName, idOf, putEntity } from '../put-entity.js';

const Input = z.strictObject({
  blueprint: Identifier,
  identifier: z.string().min(1).max(100).regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/),
  title: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  relations: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
});
type Input = z.infer<typeof Input>;

const Output = z.strictObject({ entityRef: z.string() });

/** Puts one entity of any blueprint into the catalogue, in the catalogue's own words; of the run's own, it adds properties. */
export function catalogUpsert(catalogue: Catalogue): StepDefinition {
  return defineStep<Input, z.infer<typeof Output>>({
    id: 'catalog:upsert',
    description: 'Creates an entity in the catalogue, or replaces what an earlier run of this service said of it.',
    input: Input,
    output: Output,
    workspace: 'none',
    keepsInput: true,
    foresee: (input, { entity: own }) => {
      const isOwn = input.blueprint === own.blueprint && input.identifier === own.identifier;
      return [{ effect: isOwn ? 'change' : 'create', kind: entityKindName, externalId: idOf(input), title: describe(input) }];
    },
    run: async (ctx, { title, ...entity }) => {
      await putEntity(catalogue, ctx, { ...entity, title: title ?? entity.identifier });
      return { output: { entityRef: `${entity.blueprint}:default/${entity.identifier}` } };
    },
  });
}
