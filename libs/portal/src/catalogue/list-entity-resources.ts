import type { EntityRef, Principal, ResourceView } from '@slipway/contracts';
import type { EntityReader } from './entity-reader.js';
import { visibleEntity } from './visible-entity.js';

/** The entity's rows in the ledger, from all its runs, whatever has become of them. */
export async function listEntityResources(
  deps: { entities: EntityReader },
  query: { principal: Principal; entity: EntityRef },
): Promise<ResourceView[]> {
  await visibleEntity(deps.entities, query.principal, query.entity);
  return deps.entities.resources(query.entity);
}
