import type { EntityStatus, RunStatus } from '@slipway/contracts';
import type { NewRun, Submission } from '@slipway/portal';
import type pg from 'pg';
import { type AcceptedRow, acceptValues, insertRunSql, type KeyUsed, submissionOf, takeKeySql } from './accept-run.js';
import { activeRunSql } from './active-run.js';
import { inTransaction } from './in-transaction.js';

/**
 * A DAY-2 or DELETE run. Several may wait in line for one entity; but nothing is asked of one that is being made or being
 * deleted. A DELETE takes a failed one too: that is how its remains go.
 */
export function submitForEntity(pool: pg.Pool, run: NewRun): Promise<Submission | KeyUsed> {
  return inTransaction(pool, async (connection) => {
    const refusal = await refusalOf(connection, run);
    if (refusal) return refusal;
    const accepted = await connection.query<AcceptedRow>({
      name: 'accept-run',
      text: acceptSql,
      values: acceptValues(run),
    });
    return submissionOf(accepted.rows[0]);
  });
}

async function refusalOf(connection: pg.PoolClient, run: NewRun): Promise<Submission | null> {
  const { blueprint, identifier } = run.entity;
  const locked = await connection.query<{ status: EntityStatus }>(
    'SELECT status FROM entities WHERE blueprint = $1 AND identifier = $2 FOR UPDATE',
    [blueprint, identifier],
  );
  const entity = locked.rows[0];
  if (!entity) return { outcome: 'entity_missing' };
  if (entity.status === 'ready' || (entity.status === 'failed' && run.operation === 'DELETE')) return null;
  if (entity.status === 'failed') return { outcome: 'entity_not_ready', status: entity.status };
  const found = await connection.query<ActiveRow>(`${activeRunSql} ORDER BY run.created_at LIMIT 1`, [blueprint, identifier]);
  const active = found.rows[0];
  // What nobody works on any more may at least be deleted.
  if (!active) return run.operation === 'DELETE' ? null : { outcome: 'entity_not_ready', status: entity.status };
  const { id, action, status, requested_by: requestedBy } = active;
  return { outcome: 'entity_busy', run: { id, action, status, requestedBy } };
}

interface ActiveRow {
  id: string;
  action: string;
  status: RunStatus;
  requested_by: string;
}

const acceptSql = `
  WITH ${takeKeySql}, entity AS (
    UPDATE entities SET status = CASE WHEN $3 = 'DELETE' THEN 'deleting' ELSE status END, updated_at = now()
      FROM free WHERE blueprint = $4 AND identifier = $5
    RETURNING mark
  ), ${insertRunSql}`;
