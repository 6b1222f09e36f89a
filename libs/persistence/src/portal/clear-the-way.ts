import type { EntityStatus } from '@slipway/contracts';
import type { Holder, NewRun, Submission } from '@slipway/portal';
import type pg from 'pg';
import { activeRunSql } from './active-run.js';

/**
 * Removes the remains that stand in a CREATE's way: entities that failed, of which nothing stands and which no run works on.
 * Answers with the first thing that does not make way, if any. The rows stay locked until the transaction ends.
 */
export async function clearTheWay(connection: pg.PoolClient, run: NewRun): Promise<Submission | null> {
  const claims = JSON.stringify(run.creates?.claims ?? {});
  await connection.query(lockSql, [run.entity.blueprint, run.entity.identifier, claims]);
  // Asked again after the locks are held: the answer to the first question may be older than what was waited for.
  const found = await connection.query<HolderRow>(holdersSql, [run.entity.blueprint, run.entity.identifier, claims]);
  for (const row of found.rows) {
    if (
      row.status !== 'failed' ||
      row.standing.length > 0 ||
      (await isWorkedOn(connection, run.entity.blueprint, row.identifier))
    ) {
      return refusal(run, row);
    }
  }
  const remains = found.rows.map((row) => row.identifier);
  await connection.query('DELETE FROM entities WHERE blueprint = $1 AND identifier = ANY ($2)', [run.entity.blueprint, remains]);
  return null;
}

interface HolderRow {
  identifier: string;
  status: EntityStatus;
  mark: string;
  created_by: string;
  created_at: Date;
  standing: string[];
  property: string | null;
}

async function isWorkedOn(connection: pg.PoolClient, blueprint: string, identifier: string): Promise<boolean> {
  const active = await connection.query(`${activeRunSql} LIMIT 1`, [blueprint, identifier]);
  return active.rowCount !== 0;
}

function refusal(run: NewRun, row: HolderRow): Submission {
  const { identifier, status, created_by: createdBy, created_at: createdAt, mark: runId, standing, property } = row;
  const holder: Holder = { identifier, status, createdBy, createdAt, runId, standing };
  if (identifier === run.entity.identifier || property === null) return { outcome: 'name_taken', holder };
  return { outcome: 'claim_taken', property, value: run.creates?.claims[property] ?? '', holder };
}

const inTheWay = `
  entity.blueprint = $1 AND (entity.identifier = $2 OR EXISTS (
    SELECT 1 FROM entity_claims AS claim
      JOIN jsonb_each_text($3::jsonb) AS wanted ON claim.property = wanted.key AND claim.value = wanted.value
     WHERE claim.blueprint = entity.blueprint AND claim.entity = entity.identifier))`;

const lockSql = `SELECT 1 FROM entities AS entity WHERE ${inTheWay} ORDER BY entity.identifier FOR UPDATE`;

/** The one of the same name first. */
const holdersSql = `
  SELECT entity.identifier, entity.status, entity.mark, entity.created_by, entity.created_at,
    ARRAY(SELECT resource.title FROM resources AS resource
           WHERE resource.blueprint = entity.blueprint AND resource.entity = entity.identifier
             AND resource.state NOT IN ('REMOVED', 'KEPT')
           ORDER BY resource.position) AS standing,
    (SELECT min(claim.property) FROM entity_claims AS claim
       JOIN jsonb_each_text($3::jsonb) AS wanted ON claim.property = wanted.key AND claim.value = wanted.value
      WHERE claim.blueprint = entity.blueprint AND claim.entity = entity.identifier) AS property
  FROM entities AS entity WHERE ${inTheWay}
  ORDER BY entity.identifier <> $2, entity.identifier`;
