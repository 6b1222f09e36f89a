import { isTerminal } from '@slipway/contracts';
import { type Lease, LeaseLost, type LedgerResource, type NewEvent, type RunChange, type StepRecord } from '@slipway/engine';
import type pg from 'pg';
import { inTransaction } from '../portal/in-transaction.js';
import { endOfRun, outcomes } from './end-run.js';

/**
 * The whole change and its events in one statement that writes only while owner and fencing number match; the end of a run
 * also settles its entity. Throws `LeaseLost` when nothing was written.
 */
export async function recordChange(pool: pg.Pool, lease: Lease, change: RunChange): Promise<void> {
  const keys = signalKeys(change);
  if (keys.length === 0) return write(pool, lease, change);
  // A signal is either sent before this look, and seen by it, or after it, and then its sender sees the step that waits.
  return inTransaction(pool, async (connection) => {
    for (const key of keys) await connection.query('SELECT pg_advisory_xact_lock(hashtext($1))', [key]);
    await write(connection, lease, change);
  });
}

async function write(connection: pg.Pool | pg.PoolClient, lease: Lease, change: RunChange): Promise<void> {
  const { name, text, values } = statementFor(lease, change);
  // Named, so that each connection plans it once: planning this statement costs more than running it.
  const written = await connection.query({ name, text, values });
  if (written.rowCount === 0) throw new LeaseLost(lease.runId);
}

/** Only the parts that the change has: most are some steps and their events. */
function statementFor(lease: Lease, change: RunChange): { name: string; text: string; values: unknown[] } {
  const { run, steps = [], resources = [], acknowledge = [] } = change;
  const events = numbered(change.events ?? []);
  const values: unknown[] = [lease.runId, lease.owner, lease.fence, events.length, events.filter(({ line }) => line !== null).length];
  const parts: Part[] = [];
  const add = (name: string, sql: Part['sql'], value?: unknown): void => {
    if (value !== undefined) values.push(value);
    parts.push({ name, sql, parameter: `$${values.length}` });
  };

  const ends = run?.status !== undefined && isTerminal(run.status);
  if (run) add(ends ? 'end' : 'run', (patch) => heldSql(patchSql(patch, ends)), JSON.stringify(run));
  else add('', () => heldSql(''));
  if (steps.length > 0) {
    const hasItems = steps.some((step) => step.parent !== null);
    add(hasItems ? 'items' : 'steps', hasItems ? putStepsSql : changeStepsSql, JSON.stringify(steps.map(stepColumns)));
  }
  if (signalKeys(change).length > 0) add('signals', lookForSignalsSql, JSON.stringify(asleepForSignals(steps)));
  if (resources.length > 0) add('resources', resourcesSql, JSON.stringify(resources.map(resourceColumns)));
  if (events.length > 0) add('events', eventsSql, JSON.stringify(events));
  if (acknowledge.length > 0) add('inbox', acknowledgeSql, acknowledge);
  if (change.wipeSecrets) add('wiped', () => wipeSql);
  if (run?.status !== undefined && ends) add('settled', (after) => endOfRun(after, resources.length > 0), JSON.stringify(outcomes(run.status)));
  const name = `record ${parts.map((part) => part.name).join(' ')}`;
  const text = texts.get(name) ?? `WITH ${parts.map(({ sql, parameter }) => sql(parameter)).join(', ')} SELECT id FROM held`;
  texts.set(name, text);
  return { name, text, values };
}

interface Part {
  name: string;
  /** With the parameter that holds the part's value. */
  sql: (parameter: string) => string;
  parameter: string;
}

/** By name, which says all that a statement is made of. */
const texts = new Map<string, string>();

function signalKeys({ steps = [] }: RunChange): string[] {
  return [...new Set(asleepForSignals(steps).map(({ key }) => key))].sort();
}

function asleepForSignals(steps: StepRecord[]): Array<{ key: string; seen: number }> {
  return steps.flatMap(({ status, wait }) =>
    status === 'WAITING' && wait?.for === 'wait' && !wait.woken && wait.signal !== undefined ? [{ key: wait.signal, seen: wait.seen ?? 0 }] : [],
  );
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

function heldSql(patch: string): string {
  return `held AS (
    UPDATE runs SET last_seq = last_seq + $4::int, last_line = last_line + $5::int, updated_at = now()${patch}
     WHERE id = $1 AND lease_owner = $2 AND fence = $3
    RETURNING id, operation, blueprint, entity, mark, last_seq - $4::int AS seq, last_line - $5::int AS line)`;
}

function patchSql(patch: string, ends: boolean): string {
  const ended = ends
    ? 'ended_at = now(), lease_owner = NULL, lease_until = NULL, wake_at = NULL'
    : `ended_at = CASE WHEN ${patch}::jsonb ? 'status' THEN NULL ELSE ended_at END`;
  return `, ${ended},
      status = coalesce(${patch}::jsonb->>'status', status),
      failure = CASE WHEN ${patch}::jsonb ? 'failure' THEN nullif(${patch}::jsonb->'failure', 'null') ELSE failure END,
      workspace_digest = coalesce(${patch}::jsonb->>'workspaceDigest', workspace_digest),
      undo_reason = CASE WHEN ${patch}::jsonb ? 'undoReason' THEN ${patch}::jsonb->>'undoReason' ELSE undo_reason END,
      started_at = CASE WHEN ${patch}::jsonb ? 'startedAt' THEN (${patch}::jsonb->>'startedAt')::timestamptz ELSE started_at END`;
}

function changeStepsSql(changes: string): string {
  return `changed_steps AS (
    UPDATE steps SET status = change.status, attempt = change.attempt, failures = change.failures, losses = change.losses,
      input = change.input, output = change.output, failure = nullif(change.failure, 'null'), wait = nullif(change.wait, 'null'),
      started_at = change.started_at, ended_at = change.ended_at
    FROM held, jsonb_to_recordset(${changes}::jsonb) AS change(
      id text, status text, attempt int, failures int, losses int, input jsonb, output jsonb, failure jsonb, wait jsonb,
      started_at timestamptz, ended_at timestamptz)
    WHERE steps.run_id = held.id AND steps.id = change.id)`;
}

/** Some of them items of an `each`, which may be new: they stand where their step does. */
function putStepsSql(changes: string): string {
  return `changed_steps AS (
    INSERT INTO steps (run_id, id, position, status, attempt, failures, losses, parent, item, each, input, output, failure, wait,
      started_at, ended_at)
    SELECT held.id, change.id, planned.position, change.status, change.attempt, change.failures, change.losses, change.parent, change.item,
      nullif(change.each, 'null'), change.input, change.output, nullif(change.failure, 'null'), nullif(change.wait, 'null'),
      change.started_at, change.ended_at
    FROM held, jsonb_to_recordset(${changes}::jsonb) AS change(
      id text, status text, attempt int, failures int, losses int, parent text, item int, each jsonb, input jsonb, output jsonb,
      failure jsonb, wait jsonb, started_at timestamptz, ended_at timestamptz)
      JOIN steps AS planned ON planned.run_id = $1 AND planned.id = coalesce(change.parent, change.id)
    ON CONFLICT (run_id, id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, failures = excluded.failures,
      losses = excluded.losses, each = excluded.each, input = excluded.input, output = excluded.output, failure = excluded.failure,
      wait = excluded.wait, started_at = excluded.started_at, ended_at = excluded.ended_at)`;
}

function lookForSignalsSql(asleep: string): string {
  return `woken_by_signal AS (
    INSERT INTO inbox (run_id, kind, body)
    SELECT held.id, 'signal', jsonb_build_object('key', asleep.key)
      FROM held, jsonb_to_recordset(${asleep}::jsonb) AS asleep(key text, seen bigint)
     WHERE EXISTS (SELECT 1 FROM signals WHERE signals.key = asleep.key AND signals.id > asleep.seen))`;
}

function resourcesSql(changes: string): string {
  return `changed AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(${changes}::jsonb) AS change(
      run_id text, kind text, external_id text, title text, url text, properties jsonb, state text, step_id text, depth int, note text,
      removal jsonb)
  ), changed_resources AS (
    INSERT INTO resources (run_id, blueprint, entity, kind, external_id, title, url, properties, state, step_id, depth, note, removal)
    SELECT change.run_id, held.blueprint, held.entity, change.kind, change.external_id, change.title, change.url, change.properties,
      change.state, change.step_id, change.depth, change.note, nullif(change.removal, 'null')
    FROM held, changed AS change
    ON CONFLICT (run_id, kind, external_id) DO UPDATE SET title = excluded.title, url = excluded.url, properties = excluded.properties,
      state = excluded.state, step_id = excluded.step_id, depth = excluded.depth, note = excluded.note, removal = excluded.removal,
      updated_at = now())`;
}

function eventsSql(events: string): string {
  return `new_events AS (
    INSERT INTO events (run_id, seq, line, type, body)
    SELECT held.id, held.seq + event."offset", held.line + event.line, event.type, event.body
    FROM held, jsonb_to_recordset(${events}::jsonb) AS event("offset" int, line int, type text, body jsonb))`;
}

function acknowledgeSql(ids: string): string {
  return `acknowledged AS (
    UPDATE inbox SET acknowledged_at = now() FROM held WHERE inbox.run_id = held.id AND inbox.id = ANY (${ids}::bigint[]))`;
}

/** A retry that was accepted before the run began to be undone may have brought what it needs. */
const wipeSql = `wiped AS (
    DELETE FROM run_secrets USING held
     WHERE run_secrets.run_id = held.id
       AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run_id = held.id AND inbox.kind = 'retry' AND inbox.acknowledged_at IS NULL))`;
