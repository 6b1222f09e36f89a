import type { EntityRef, EntityView, ResourceView } from '@slipway/contracts';
import { type EntityListQuery, type EntityReader, type Page, propertyOfKind } from '@slipway/portal';
import type pg from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.js';
import { type EntityViewRow, type ResourceViewRow, toEntityView, toResourceView } from './views.js';
import { Where } from './where.js';

export class PostgresEntityReader implements EntityReader {
  constructor(private readonly pool: pg.Pool) {}

  async find(entity: EntityRef): Promise<EntityView | null> {
    const found = await this.pool.query<EntityViewRow>({
      name: 'find-entity',
      text: `${selectEntity} WHERE entity.blueprint = $1 AND entity.identifier = $2`,
      values: [entity.blueprint, entity.identifier],
    });
    return found.rows[0] ? toEntityView(found.rows[0]) : null;
  }

  async list(query: EntityListQuery): Promise<Page<EntityView>> {
    const where = filterOf(query);
    const text = `${selectEntity} ${where.sql()} ORDER BY entity.blueprint, entity.identifier LIMIT ${query.limit + 1}`;
    const found = await this.pool.query<EntityViewRow>(text, where.values);
    const rows = found.rows.slice(0, query.limit);
    const last = found.rows.length > query.limit ? rows.at(-1) : undefined;
    return {
      items: rows.map(toEntityView),
      next: last ? encodeCursor({ blueprint: last.blueprint, identifier: last.identifier } satisfies Place) : null,
    };
  }

  async resources(entity: EntityRef): Promise<ResourceView[]> {
    const found = await this.pool.query<ResourceViewRow>(resourcesSql, [entity.blueprint, entity.identifier]);
    return found.rows.map(toResourceView);
  }
}

const storable = z.string().refine((text) => !text.includes('\0'));
const Place = z.object({ blueprint: storable, identifier: storable });
type Place = z.infer<typeof Place>;

function filterOf(query: EntityListQuery): Where {
  const where = new Where().andVisible('entity.team', query.visibility);
  if (query.blueprint !== undefined) where.and('entity.blueprint = ?', query.blueprint);
  if (query.statuses !== undefined) where.and('entity.status = ANY (?)', query.statuses);
  if (query.after !== null) {
    const { blueprint, identifier } = decodeCursor(Place, query.after);
    where.and('(entity.blueprint, entity.identifier) > (?, ?)', blueprint, identifier);
  }
  return where;
}

// The mark tells this entity's runs from those of an earlier entity of the same name.
const ofEntity = `
    FROM resources AS resource JOIN runs AS run ON run.id = resource.run_id
   WHERE resource.blueprint = entity.blueprint AND resource.entity = entity.identifier AND run.mark = entity.mark`;

const namedKinds = Object.keys(propertyOfKind).map((kind) => `'${kind}'`).join(', ');

const selectEntity = `
  SELECT entity.*, (
    SELECT json_agg(json_build_object('kind', resource.kind, 'externalId', resource.external_id, 'title', resource.title, 'url', resource.url)
                    ORDER BY resource.position)
    ${ofEntity} AND resource.state = 'CREATED' AND (resource.url IS NOT NULL OR resource.kind IN (${namedKinds}))
  ) AS made
  FROM entities AS entity`;

const resourcesSql = `
  SELECT resource.* FROM entities AS entity CROSS JOIN LATERAL (SELECT resource.* ${ofEntity}) AS resource
   WHERE entity.blueprint = $1 AND entity.identifier = $2 ORDER BY resource.position`;
