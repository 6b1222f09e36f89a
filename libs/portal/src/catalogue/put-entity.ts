import type { EntityRef } from '@slipway/contracts';
import { type StepContext, StepError } from '@slipway/engine';
import { isStorable } from '../storable.js';
import { type Catalogue, type CataloguedEntity, isSameEntity } from './catalogue.js';

export const entityKindName = 'catalog:entity';

/** Into the catalogue and the ledger. The run's own entity has no row there: it is not this run's to take away. */
export async function putEntity(catalogue: Catalogue, ctx: StepContext, entity: CataloguedEntity): Promise<void> {
  if (!isStorable(entity)) throw new StepError('fatal', 'entity_refused', `${describe(entity)} holds text that cannot be stored: a NUL, or half a character.`);
  const resource = { kind: entityKindName, externalId: idOf(entity) };
  const own = isSameEntity(entity, ctx.entity);
  const isNew = !own && !(await isFromEarlierRun(ctx, resource));
  const mark = own ? null : await catalogue.markOf(entity);
  if (mark !== null && mark !== ctx.mark) throw taken(entity);
  if (isNew) await ctx.resources.plan({ ...resource, title: describe(entity) });
  const outcome = await catalogue.put(entity, { entity: ctx.entity, mark: ctx.mark });
  if (outcome === 'taken') throw taken(entity);
  if (outcome === 'no_blueprint')
    throw new StepError('fatal', 'blueprint_unknown', `There is no blueprint "${entity.blueprint}" for "${entity.identifier}".`, {
      remedy: 'Name a blueprint of this installation in the template.',
    });
  if (isNew) await ctx.resources.created(resource);
  ctx.log.info(`${own ? 'Told the catalogue of' : 'Registered'} ${describe(entity)}.`);
}

/** What was there before this run is not this run's to take away again. */
async function isFromEarlierRun(ctx: StepContext, { kind, externalId }: { kind: string; externalId: string }): Promise<boolean> {
  const standing = await ctx.resources.standing();
  return standing.some((row) => row.kind === kind && row.externalId === externalId && row.runId !== ctx.runId && row.state === 'CREATED');
}

function taken(entity: EntityRef): StepError {
  return new StepError('fatal', 'entity_taken', `${describe(entity)} is in the catalogue already, and not by this service's doing.`, {
    remedy: 'Give it another name, or delete the one that is there.',
  });
}

export function idOf({ blueprint, identifier }: EntityRef): string {
  return `${blueprint}/${identifier}`;
}

export function describe({ blueprint, identifier }: EntityRef): string {
  return `The ${blueprint} "${identifier}"`;
}
