import type { EntityRef, EntityView } from '@slipway/contracts';
import { type Actor, type Catalogue, type CataloguedEntity, isSameEntity, type PutOutcome, type RemoveOutcome } from './catalogue.js';

/** For runs without an installation: `slipway template test`, and tests. It knows no teams, and nothing of the actor. */
export function memoryCatalogue(): Catalogue {
  const entities = new Map<string, { view: EntityView; mark: string }>();
  return {
    find: async (entity) => entities.get(keyOf(entity))?.view ?? null,
    teamOf: async () => null,
    put: async (entity, by): Promise<PutOutcome> => {
      if (isSameEntity(entity, by.entity)) return 'put';
      const there = entities.get(keyOf(entity));
      if (there && there.mark !== by.mark) return 'taken';
      entities.set(keyOf(entity), { view: viewOf(entity, by, there?.view.createdAt), mark: by.mark });
      return 'put';
    },
    markOf: async (entity) => entities.get(keyOf(entity))?.mark ?? null,
    remove: async (entity, mark): Promise<RemoveOutcome> => {
      const there = entities.get(keyOf(entity));
      if (!there) return { outcome: 'absent' };
      if (there.mark !== mark) return { outcome: 'foreign' };
      entities.delete(keyOf(entity));
      return { outcome: 'removed' };
    },
  };
}

function keyOf({ blueprint, identifier }: EntityRef): string {
  return `${blueprint}/${identifier}`;
}

function viewOf({ blueprint, identifier, title, properties, relations }: CataloguedEntity, by: Actor, createdAt?: string): EntityView {
  const now = new Date().toISOString();
  const about = { blueprint, identifier, title, properties, relations };
  return { ...about, team: null, status: 'ready', links: [], createdBy: by.mark, createdAt: createdAt ?? now, updatedAt: now };
}
