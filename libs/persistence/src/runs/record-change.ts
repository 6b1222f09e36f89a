import { isTerminal } from '@slipway/contracts';
import { type Lease, LeaseLost, type LedgerResource, type NewEvent, type RunChange, type StepRecord } from '@slipway/engine';
import type pg from 'pg';
import { endRun } from './end-run.js';

/**
 * The whole change and its events in one statement that writes only while owner and fencing number match; the end of a run
 * also settles its entity, in the same transaction. Throws `LeaseLost` when nothing was written.
 */
export async function recordChange(pool: pg.Pool, lease: Lease, change: RunChange): Promise<void> {
  const status = change.run?.status;
  if (status === undefined || !isTerminal(status)) return write(pool, lease, change);
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN');
    await write(connection, lease, change);
    await endRun(connection, lease.runId, status);
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    connection.release();
  }
}

async function write(connection: pg.Pool | pg.PoolClient, lease: Lease, change: RunChange): Promise<void> {
  const events = numbered(change.events ?? []);
  const values = [
    lease.runId,
    lease.owner,
    lease.fence,
    events.length,
    events.filter((event) => event.line !== null).length,
    JSON.stringify(change.run ?? {}),
    JSON.stringify((change.steps ?? []).map(stepColumns)),
    JSON.stringify((change.resources ?? []).map(resourceColumns)),
    JSON.stringify(events),
    change.acknowledge ?? [],
  ];
  // Named, so that each connection plans it once: planning this statement costs more than running it.
  const written = await connection.query({ name: 'record-run-change', text: recordSql, values });
  if (written.rowCount === 0) throw new LeaseLost(lease.runId);
}

function stepColumns({ startedAt, endedAt, ...step }: StepRecord): Record<string, unknown> {
  return { ...step, started_at: startedAt, ended_at: endedAt };
}

function resourceColumns({ externalId, runId, stepId, ...resource }: LedgerResource): Record<string, unknown> {
  return { ...resource, external_id: externalId, run_id: runId, step_id: stepId };
}

/** Offsets from the run's last numbers, which the statement knows. */
function numbered(events: NewEvent[]): Array<{ offset: number; line: number | null; type: string; body: unknown }> {
  let line = 0;
  return events.map(({ type, ...body }, index) => ({ offset: index + 1, line: type === 'log' ? (line += 1) : null, type, body }));
}

const recordSql = `
  WITH held AS (
    UPDATE runs SET
      last_seq = last_seq + $4::int,
      last_line = last_line + $5::int,
      status = coalesce($6::jsonb->>'status', status),
      failure = CASE WHEN $6::jsonb ? 'failure' THEN nullif($6::jsonb->'failure', 'null') ELSE failure END,
      workspace_digest = coalesce($6::jsonb->>'workspaceDigest', workspace_digest),
      undo_reason = CASE WHEN $6::jsonb ? 'undoReason' THEN $6::jsonb->>'undoReason' ELSE undo_reason END,
      started_at = CASE WHEN $6::jsonb ? 'startedAt' THEN ($6::jsonb->>'startedAt')::timestamptz ELSE started_at END,
      ended_at = CASE WHEN $6::jsonb ? 'status' THEN NULL ELSE ended_at END,
      updated_at = now()
    WHERE id = $1 AND lease_owner = $2 AND fence = $3
    RETURNING id, blueprint, entity, last_seq - $4::int AS seq, last_line - $5::int AS line
  ), changed_steps AS (
    INSERT INTO steps (run_id, id, position, status, attempt, failures, losses, parent, item, each, input, output, failure, wait,
      started_at, ended_at)
    SELECT held.id, change.id, planned.position, change.status, change.attempt, change.failures, change.losses, change.parent, change.item,
      nullif(change.each, 'null'), change.input, change.output, nullif(change.failure, 'null'), nullif(change.wait, 'null'),
      change.started_at, change.ended_at
    FROM held, jsonb_to_recordset($7::jsonb) AS change(
      id text, status text, attempt int, failures int, losses int, parent text, item int, each jsonb, input jsonb, output jsonb,
      failure jsonb, wait jsonb, started_at timestamptz, ended_at timestamptz)
      JOIN steps AS planned ON planned.run_id = $1 AND planned.id = coalesce(change.parent, change.id)
    ON CONFLICT (run_id, id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, failures = excluded.failures,
      losses = excluded.losses, input = excluded.input, output = excluded.output, failure = excluded.failure, wait = excluded.wait,
      started_at = excluded.started_at, ended_at = excluded.ended_at
  ), changed_resources AS (
    INSERT INTO resources (run_id, blueprint, entity, kind, external_id, title, url, properties, state, step_id, depth, note, removal)
    SELECT change.run_id, held.blueprint, held.entity, change.kind, change.external_id, change.title, change.url, change.properties,
      change.state, change.step_id, change.depth, change.note, nullif(change.removal, 'null')
    FROM held, jsonb_to_recordset($8::jsonb) AS change(
      run_id text, kind text, external_id text, title text, url text, properties jsonb, state text, step_id text, depth int, note text, removal jsonb)
    ON CONFLICT (run_id, kind, external_id) DO UPDATE SET title = excluded.title, url = excluded.url, properties = excluded.properties,
      state = excluded.state, step_id = excluded.step_id, depth = excluded.depth, note = excluded.note, removal = excluded.removal, updated_at = now()
  ), new_events AS (
    INSERT INTO events (run_id, seq, line, type, body)
    SELECT held.id, held.seq + event."offset", held.line + event.line, event.type, event.body
    FROM held, jsonb_to_recordset($9::jsonb) AS event("offset" int, line int, type text, body jsonb)
  ), acknowledged AS (
    UPDATE inbox SET acknowledged_at = now() FROM held WHERE inbox.run_id = held.id AND inbox.id = ANY ($10::bigint[])
  )
  SELECT id FROM held`;
