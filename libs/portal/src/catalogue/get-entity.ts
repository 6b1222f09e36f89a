import type { EntityRef, EntityView, Principal } from '@slipway/contracts';
import type { EntityReader } from './entity-reader.js';
import { visibleEntity } from './visible-entity.js';

/** `not_found` when there is none that the caller may see. */
export function getEntity(
  deps: { entities: EntityReader },
  query: { principal: Principal; entity: EntityRef },
): Promise<EntityView> {
  return visibleEntity(deps.entities, query.principal, query.entity);
}
