import type { NewSignal } from '@slipway/portal';
import type pg from 'pg';

/**
 * In the caller's transaction: keeps the signal, and tells every run of which a step waits for it; answers which. A step that
 * begins to wait later finds it kept. The lock is the one that `ChangeWriter` takes, so neither order loses it.
 */
export async function sendSignal(connection: pg.PoolClient, { key, body }: NewSignal): Promise<string[]> {
  await connection.query('SELECT pg_advisory_xact_lock(hashtext($1))', [key]);
  const told = await connection.query<{ run_id: string }>({ name: 'send-signal', text: sendSql, values: [key, JSON.stringify(body)] });
  return told.rows.map((row) => row.run_id);
}

const sendSql = `
  WITH sent AS (
    INSERT INTO signals (key, body) VALUES ($1, $2::jsonb)
  ), waiting AS (
    SELECT DISTINCT run_id FROM steps WHERE wait ? 'signal' AND wait ->> 'signal' = $1 AND status = 'WAITING'
  ), told AS (
    INSERT INTO inbox (run_id, kind, body) SELECT run_id, 'signal', jsonb_build_object('key', $1::text) FROM waiting
  ), posted AS (
    INSERT INTO outbox (run_id) SELECT run_id FROM waiting
  )
  SELECT run_id FROM waiting`;
