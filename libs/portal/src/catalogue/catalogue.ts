import type { EntityRef, EntityView } from '@slipway/contracts';

/** What a run may do in the catalogue, on behalf of the entity that it is for. */
export interface Catalogue {
  find(entity: EntityRef): Promise<EntityView | null>;
  /** Null of one that belongs to no team, or is not there. */
  teamOf(entity: EntityRef): Promise<string | null>;
  /**
   * Creates the entity, marked, of the actor's team; or replaces what an earlier put under the same mark said. Of the actor's
   * own entity, what the blueprint declares stays: that is for requests and webhooks to say.
   */
  put(entity: CataloguedEntity, by: Actor): Promise<PutOutcome>;
  /** Null: there is none. */
  markOf(entity: EntityRef): Promise<string | null>;
  /** Harmless where nothing is; leaves alone what does not carry the mark, and what still has something standing. */
  remove(entity: EntityRef, mark: string): Promise<RemoveOutcome>;
}

/** On whose behalf. */
export interface Actor {
  entity: EntityRef;
  mark: string;
}

export interface CataloguedEntity extends EntityRef {
  title: string;
  properties: Record<string, unknown>;
  relations: Record<string, unknown>;
  /** Of the blueprint, should it not be there yet; absent: then there is none. */
  blueprintTitle?: string;
}

export type PutOutcome = 'put' | 'taken' | 'no_blueprint';

export type RemoveOutcome = { outcome: 'removed' | 'absent' | 'foreign' } | { outcome: 'in_use'; standing: string[] };

export function isSameEntity(one: EntityRef, other: EntityRef): boolean {
  return one.blueprint === other.blueprint && one.identifier === other.identifier;
}
