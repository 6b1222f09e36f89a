import type { EntityView, Principal } from '@slipway/contracts';
import { visibilityOf } from '../access/visibility.js';
import { type Page, pageBounds, type PageQuery } from '../page.js';
import { isStorable } from '../storable.js';
import type { EntityFilter, EntityReader } from './entity-reader.js';

export interface ListEntitiesQuery extends EntityFilter, PageQuery {
  principal: Principal;
}

/** In order of blueprint and identifier. */
export async function listEntities(deps: { entities: EntityReader }, query: ListEntitiesQuery): Promise<Page<EntityView>> {
  const { principal, limit, after, ...filter } = query;
  if (!isStorable(filter)) return { items: [], next: null };
  return deps.entities.list({ ...filter, ...pageBounds({ limit, after }), visibility: visibilityOf(principal) });
}
