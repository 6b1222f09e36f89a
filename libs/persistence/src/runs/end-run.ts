import type { Operation, RunStatus } from '@slipway/contracts';
import { entityAfterRun } from '@slipway/portal';
import type pg from 'pg';

/** In the transaction that ends a run: the lease goes, the entity becomes what the outcome makes of it, the next run in its line wakes. */
export async function endRun(connection: pg.PoolClient, runId: string, status: RunStatus): Promise<void> {
  const ended = await connection.query<{ operation: string; blueprint: string; entity: string }>(
    `UPDATE runs SET ended_at = now(), lease_owner = NULL, lease_until = NULL, wake_at = NULL WHERE id = $1
     RETURNING operation, blueprint, entity`,
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

async function settleEntity(
  connection: pg.PoolClient,
  run: { operation: string; blueprint: string; entity: string },
  status: RunStatus,
): Promise<void> {
  const key = [run.blueprint, run.entity];
  const standing = await connection.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM resources WHERE blueprint = $1 AND entity = $2 AND state NOT IN ('REMOVED', 'KEPT')`,
    key,
  );
  const after = entityAfterRun({ operation: run.operation as Operation, status, standing: (standing.rows[0]?.count ?? 0) > 0 });
  if (after === 'unchanged') return;
  if (after === 'removed') {
    await connection.query('DELETE FROM entities WHERE blueprint = $1 AND identifier = $2', key);
    return;
  }
  await connection.query('UPDATE entities SET status = $3, updated_at = now() WHERE blueprint = $1 AND identifier = $2', [...key, after]);
}
