import type { EntityRef } from '@slipway/contracts';
import { type LedgerResource, type ResourceKind, StepError } from '@slipway/engine';
import type { Catalogue } from './catalogue.js';
import { describe, entityKindName } from './put-entity.js';

/** An entity that a step put into the catalogue. */
export function registeredEntity(catalogue: Catalogue): ResourceKind {
  return {
    kind: entityKindName,
    async observe(ctx, resource) {
      const mark = await catalogue.markOf(refOf(resource));
      return mark === null ? { exists: false } : { exists: true, owned: mark === ctx.mark };
    },
    async remove(ctx, resource) {
      const entity = refOf(resource);
      const removed = await catalogue.remove(entity, ctx.mark);
      if (removed.outcome === 'foreign') return { outcome: 'foreign', note: `${describe(entity)} was put there by somebody else: left as it is.` };
      if (removed.outcome === 'in_use') throw inUse(entity, removed.standing);
      if (removed.outcome === 'removed') ctx.log.info(`Removed ${describe(entity)} from the catalogue.`);
      return { outcome: removed.outcome };
    },
  };
}

function refOf({ externalId }: LedgerResource): EntityRef {
  const [blueprint = '', ...rest] = externalId.split('/');
  return { blueprint, identifier: rest.join('/') };
}

function inUse(entity: EntityRef, standing: string[]): StepError {
  return new StepError('fatal', 'entity_in_use', `${describe(entity)} stays in the catalogue: ${standing.join('; ')}.`, {
    remedy: 'Delete it by its own action first, or wait for the run that works on it.',
  });
}
