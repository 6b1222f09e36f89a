import type pg from 'pg';
import type { EventRow } from './event-row.js';
import { pack } from './packed-events.js';

const eventsInBlock = 2_000;

/**
 * Moves the events of a run that ended long ago into packed rows, a block in each transaction: readers find every event in
 * exactly one of the two places. A run that was called back meanwhile is left alone, and packed anew once it is old again.
 */
export async function packRun(connection: pg.PoolClient, runId: string, afterDays: number): Promise<void> {
  let left = true;
  while (left) left = await packBlock(connection, runId, afterDays);
}

/** Answers whether there may be more. */
async function packBlock(connection: pg.PoolClient, runId: string, afterDays: number): Promise<boolean> {
  await connection.query('BEGIN');
  try {
    const more = await moveBlock(connection, runId, afterDays);
    await connection.query('COMMIT');
    return more;
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function moveBlock(connection: pg.PoolClient, runId: string, afterDays: number): Promise<boolean> {
  const held = await connection.query(holdSql, [runId, afterDays]);
  if (held.rowCount === 0) return false;
  const found = await connection.query<EventRow>(
    'SELECT seq, line, type, body, at FROM events WHERE run_id = $1 ORDER BY seq LIMIT $2',
    [runId, eventsInBlock],
  );
  const last = found.rows.at(-1);
  if (last) {
    const lastLine = found.rows.findLast((row) => row.line !== null)?.line ?? 0;
    await connection.query(insertSql, [runId, last.seq, lastLine, await pack(found.rows)]);
    await connection.query('DELETE FROM events WHERE run_id = $1 AND seq <= $2', [runId, last.seq]);
  }
  if (found.rows.length === eventsInBlock) return true;
  await connection.query('UPDATE runs SET archived_at = now() WHERE id = $1', [runId]);
  return false;
}

const holdSql = `
  SELECT 1 FROM runs
   WHERE id = $1 AND ended_at < now() - $2 * interval '1 day' AND (archived_at IS NULL OR archived_at < ended_at)
     AND lease_owner IS NULL
     FOR UPDATE SKIP LOCKED`;

/** A block without log lines ends where the one before it did. */
const insertSql = `
  INSERT INTO packed_events (run_id, last_seq, last_line, bytes)
  SELECT $1, $2, greatest($3::int, coalesce(max(last_line), 0)), $4 FROM packed_events WHERE run_id = $1`;
