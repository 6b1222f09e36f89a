import type { EntityRef, EntityStatus, EntityView, ResourceView } from '@slipway/contracts';
import type { Visibility } from '../access/visibility.js';
import type { Page } from '../page.js';

/** Looks at the catalogue; changes nothing. Links come from the ledger: rows with a URL that are `CREATED`. */
export interface EntityReader {
  find(entity: EntityRef): Promise<EntityView | null>;
  list(query: EntityListQuery): Promise<Page<EntityView>>;
  /** Of this entity, not of an earlier one of the same name; in order of creation. */
  resources(entity: EntityRef): Promise<ResourceView[]>;
}

export interface EntityListQuery extends EntityFilter {
  visibility: Visibility;
  limit: number;
  after: string | null;
}

export interface EntityFilter {
  blueprint?: string;
  statuses?: EntityStatus[];
}
