import { type EntityRef, type EntityView, type Principal, SlipwayError } from '@slipway/contracts';
import { canSee } from '../access/visibility.js';
import { isStorable } from '../storable.js';
import type { EntityReader } from './entity-reader.js';

/** The entity, if there is one and the caller may see it; else `not_found`. */
export async function visibleEntity(entities: EntityReader, principal: Principal, entity: EntityRef): Promise<EntityView> {
  const found = isStorable(entity) ? await entities.find(entity) : null;
  if (!found || !canSee(principal, found)) {
    throw new SlipwayError('not_found', `There is no ${entity.blueprint.slice(0, 100)} "${entity.identifier.slice(0, 100)}".`);
  }
  return found;
}
