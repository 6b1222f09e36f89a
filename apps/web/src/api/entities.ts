import * as z from 'zod/mini';
import { ask } from './ask.js';

export const EntityStatus = z.enum(['creating', 'ready', 'failed', 'deleting']);
export type EntityStatus = z.infer<typeof EntityStatus>;

const EntityLink = z.object({ kind: z.string(), title: z.string(), url: z.string() });

const Entity = z.object({
  blueprint: z.string(),
  identifier: z.string(),
  title: z.string(),
  team: z.nullable(z.string()),
  status: EntityStatus,
  properties: z.record(z.string(), z.unknown()),
  links: z.array(EntityLink),
  createdBy: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Entity = z.infer<typeof Entity>;

const fields = 'blueprint identifier title team status properties links { kind title url } createdBy createdAt updatedAt';

export const entitiesQuery = `query Entities($blueprint: String!) {
  entities(blueprint: $blueprint, first: 100) { nodes { ${fields} } pageInfo { hasNextPage } }
}`;

export interface EntityPage {
  entities: Entity[];
  /** There are more than were asked for. */
  more: boolean;
}

export async function loadEntities(blueprint: string, signal?: AbortSignal): Promise<EntityPage> {
  const shape = z.object({ entities: z.object({ nodes: z.array(Entity), pageInfo: z.object({ hasNextPage: z.boolean() }) }) });
  const { entities } = await ask(entitiesQuery, { blueprint }, shape, signal);
  return { entities: entities.nodes, more: entities.pageInfo.hasNextPage };
}

export const entityQuery = `query Entity($blueprint: String!, $id: String!) { entity(blueprint: $blueprint, id: $id) { ${fields} } }`;

/** Null when there is none of that name, or none that this person may see. */
export async function loadEntity(blueprint: string, id: string, signal?: AbortSignal): Promise<Entity | null> {
  return (await ask(entityQuery, { blueprint, id }, z.object({ entity: z.nullable(Entity) }), signal)).entity;
}
