import type { NewSignal } from '@slipway/portal';
import type pg from 'pg';

/**
 * In the caller's transaction: keeps the signals, and tells every run of which a step waits for one; answers which. A step that
 * begins to wait later finds it kept. The locks are those that `ChangeWriter` takes, in the same order, so neither order of sending
 * and waiting loses a signal, and nobody waits for somebody who waits for him.
 */
export async function sendSignals(connection: pg.PoolClient, signals: readonly NewSignal[]): Promise<string[]> {
  if (signals.length === 0) return [];
  const keys = signals.map(({ key }) => key);
  await connection.query({ name: 'lock-signals', text: lockSql, values: [[...new Set(keys)].sort()] });
  const values = [keys, signals.map(({ body }) => JSON.stringify(body))];
  const told = await connection.query<{ run_id: string }>({ name: 'send-signals', text: sendSql, values });
  return told.rows.map((row) => row.run_id);
}

/** One after the other, as they are given. */
const lockSql = 'SELECT pg_advisory_xact_lock(hashtext(key)) FROM unnest($1::text[]) AS key';

/** A run that waits for one of which several came is told once: it finds all that were kept. */
const sendSql = `
  WITH given AS (
    SELECT key, body, number FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given(key, body, number)
  ), sent AS (
    INSERT INTO signals (key, body) SELECT key, body::jsonb FROM given ORDER BY number
  ), waiting AS (
    SELECT DISTINCT step.run_id, given.key FROM given
      JOIN steps AS step ON step.wait ? 'signal' AND step.wait ->> 'signal' = given.key AND step.status = 'WAITING'
  ), told AS (
    INSERT INTO inbox (run_id, kind, body) SELECT run_id, 'signal', jsonb_build_object('key', key) FROM waiting
  ), posted AS (
    INSERT INTO outbox (run_id) SELECT DISTINCT run_id FROM waiting
  )
  SELECT DISTINCT run_id FROM waiting`;
