import type { NewRun, Submission } from '@slipway/portal';
import pg from 'pg';
import { type AcceptedRow, acceptValues, insertRunSql, type KeyUsed, submissionOf, takeKeySql } from './accept-run.js';
import { clearTheWay } from './clear-the-way.js';
import { inTransaction } from './in-transaction.js';

const attempts = 5;

/**
 * One statement, and the unique keys of entities and claims decide between requests at once. Only who is refused by one
 * looks more closely: what holds the name may be the remains of a failed run, which make way.
 */
export async function submitForNewEntity(pool: pg.Pool, run: NewRun): Promise<Submission | KeyUsed> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt === 1) return await insert(pool, run);
      return await inTransaction(pool, async (connection) => (await clearTheWay(connection, run)) ?? insert(connection, run));
    } catch (error) {
      if (!isTaken(error) || attempt === attempts) throw error;
    }
  }
}

async function insert(connection: pg.Pool | pg.PoolClient, run: NewRun): Promise<Submission | KeyUsed> {
  const { title, properties, claims } = run.creates ?? { title: run.entity.identifier, properties: {}, claims: {} };
  const inserted = await connection.query<AcceptedRow>({
    name: 'create-entity-and-run',
    text: createSql,
    values: [...acceptValues(run), title, JSON.stringify(properties), JSON.stringify(claims)],
  });
  return submissionOf(inserted.rows[0]);
}

/** Another entity has the name or one of the claims. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError && error.code === '23505' && (error.table === 'entities' || error.table === 'entity_claims')
  );
}

const createSql = `
  WITH ${takeKeySql}, entity AS (
    INSERT INTO entities (blueprint, identifier, title, team, status, properties, mark, created_by)
    SELECT $4, $5, $17, $6, 'creating', $18::jsonb, $1, $8 FROM free
    RETURNING blueprint, identifier, mark
  ), claimed AS (
    INSERT INTO entity_claims (blueprint, property, value, entity)
    SELECT entity.blueprint, claim.key, claim.value, entity.identifier FROM entity, jsonb_each_text($19::jsonb) AS claim
  ), ${insertRunSql}`;
