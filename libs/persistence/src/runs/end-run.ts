import type { Operation, RunStatus } from '@slipway/contracts';
import { entityAfterRun } from '@slipway/portal';
import type pg from 'pg';

/** In the transaction that ends a run: the lease goes, the entity becomes what the outcome makes of it, the next run in its line wakes. */
export async function endRun(connection: pg.PoolClient, runId: string, status: RunStatus): Promise<void> {
  const ended = await connection.query<EndedRow>(
    `UPDATE runs SET ended_at = now(), lease_owner = NULL, lease_until = NULL, wake_at = NULL WHERE id = $1
     RETURNING operation, blueprint, entity, mark`,
    [runId],
  );
  const run = ended.rows[0];
  if (!run) return;
  await settleEntity(connection, run, status);
  await connection.query(
    `INSERT INTO outbox (run_id)
     SELECT id FROM runs WHERE blueprint = $1 AND entity = $2 AND status = 'QUEUED' ORDER BY created_at, id LIMIT 1`,
    [run.blueprint, run.entity],
  );
}

interface EndedRow {
  operation: string;
  blueprint: string;
  entity: string;
  mark: string;
}

/** By its mark as well: a run that was called back late must not settle a newer entity of the same name. */
async function settleEntity(connection: pg.PoolClient, run: EndedRow, status: RunStatus): Promise<void> {
  const key = [run.blueprint, run.entity];
  const standing = await connection.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM resources WHERE blueprint = $1 AND entity = $2 AND state NOT IN ('REMOVED', 'KEPT')`,
    key,
  );
  const after = entityAfterRun({ operation: run.operation as Operation, status, standing: (standing.rows[0]?.count ?? 0) > 0 });
  if (after === 'unchanged') return;
  if (after === 'removed') {
    await connection.query('DELETE FROM entities WHERE blueprint = $1 AND identifier = $2 AND mark = $3', [...key, run.mark]);
    return;
  }
  const settle = 'UPDATE entities SET status = $4, updated_at = now() WHERE blueprint = $1 AND identifier = $2 AND mark = $3';
  await connection.query(settle, [...key, run.mark, after]);
}
