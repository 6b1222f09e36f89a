import type { EntityRef, EntityView } from '@slipway/contracts';
import type { Actor, Catalogue, CataloguedEntity, PutOutcome, RemoveOutcome } from '@slipway/portal';
import type pg from 'pg';
import { activeRunSql } from './active-run.js';
import { PostgresEntityReader } from './entity-reader.js';
import { inTransaction } from './in-transaction.js';

/** What runs do in the catalogue, one statement or transaction each. */
export class PostgresCatalogue implements Catalogue {
  private readonly reader: PostgresEntityReader;

  constructor(private readonly pool: pg.Pool) {
    this.reader = new PostgresEntityReader(pool);
  }

  find(entity: EntityRef): Promise<EntityView | null> {
    return this.reader.find(entity);
  }

  async teamOf(entity: EntityRef): Promise<string | null> {
    return (await this.reader.find(entity))?.team ?? null;
  }

  async put(entity: CataloguedEntity, by: Actor): Promise<PutOutcome> {
    const { blueprint, identifier, title, properties, relations, blueprintTitle } = entity;
    return inTransaction(this.pool, async (connection) => {
      if (blueprintTitle !== undefined) await connection.query(addBlueprintSql, [blueprint, blueprintTitle]);
      const known = await connection.query('SELECT 1 FROM blueprints WHERE identifier = $1', [blueprint]);
      if (known.rowCount === 0) return 'no_blueprint';
      const described = [blueprint, identifier, title, JSON.stringify(properties), JSON.stringify(relations), by.mark];
      const isOwn = blueprint === by.entity.blueprint && identifier === by.entity.identifier;
      const put = isOwn
        ? await connection.query(describeOwnSql, described)
        : await connection.query(putSql, [...described, by.entity.blueprint, by.entity.identifier]);
      return put.rowCount === 1 ? 'put' : 'taken';
    });
  }

  async markOf({ blueprint, identifier }: EntityRef): Promise<string | null> {
    const found = await this.pool.query<{ mark: string }>('SELECT mark FROM entities WHERE blueprint = $1 AND identifier = $2', [blueprint, identifier]);
    return found.rows[0]?.mark ?? null;
  }

  async remove({ blueprint, identifier }: EntityRef, mark: string): Promise<RemoveOutcome> {
    return inTransaction(this.pool, async (connection) => {
      const found = await connection.query<{ mark: string }>(lockSql, [blueprint, identifier]);
      const [entity] = found.rows;
      if (!entity) return { outcome: 'absent' };
      if (entity.mark !== mark) return { outcome: 'foreign' };
      const standing = await connection.query<{ title: string }>(inUseSql, [blueprint, identifier]);
      if (standing.rows.length > 0) return { outcome: 'in_use', standing: standing.rows.map(({ title }) => title) };
      await connection.query('DELETE FROM entities WHERE blueprint = $1 AND identifier = $2', [blueprint, identifier]);
      return { outcome: 'removed' };
    });
  }
}

const addBlueprintSql = 'INSERT INTO blueprints (identifier, title, updated_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING';

/** Of the team of the entity on whose behalf, and by the same person. */
const putSql = `
  INSERT INTO entities AS entity (blueprint, identifier, title, properties, relations, mark, team, status, created_by, updated_at)
  SELECT $1, $2, $3, $4::jsonb, $5::jsonb, $6, owner.team, 'ready', owner.created_by, now()
    FROM entities AS owner WHERE owner.blueprint = $7 AND owner.identifier = $8 AND owner.mark = $6
  ON CONFLICT (blueprint, identifier) DO UPDATE
    SET title = excluded.title, properties = excluded.properties, relations = excluded.relations, updated_at = now()
  WHERE entity.mark = excluded.mark`;

/** What the blueprint declares is kept by requests and webhooks, and a template cannot say otherwise. */
const describeOwnSql = `
  UPDATE entities AS entity
     SET title = $3, relations = entity.relations || $5::jsonb, updated_at = now(),
         properties = entity.properties || ($4::jsonb - ARRAY(
           SELECT jsonb_object_keys(coalesce(blueprint.schema -> 'properties', '{}')) FROM blueprints AS blueprint WHERE blueprint.identifier = $1))
   WHERE entity.blueprint = $1 AND entity.identifier = $2 AND entity.mark = $6`;

const lockSql = 'SELECT mark FROM entities WHERE blueprint = $1 AND identifier = $2 FOR UPDATE';

const inUseSql = `
  SELECT title || ' stands' AS title FROM resources WHERE blueprint = $1 AND entity = $2 AND state NOT IN ('REMOVED', 'KEPT')
  UNION ALL
  SELECT 'the run ' || active.id || ' works on it' FROM (${activeRunSql}) AS active`;
