import { isTerminal } from '@slipway/contracts';
import type { Lease, LedgerResource, RunChange, StepRecord } from '@slipway/engine';
import { type RunPart, numbered, patchSql, stepAssignments, stepColumns } from './change-rows.js';
import { endOfRun } from './end-run.js';
import { statementAlone } from './statement-alone.js';

/** What a run has to record, with the parts (`shapeOf`) of the statement that does it. */
export interface Write {
  lease: Lease;
  change: RunChange;
  shape: string;
}

/** Names the parts that the statement for a change has: most have some steps and their events. */
export function shapeOf(change: RunChange): string {
  const { run, steps = [], resources = [], events = [], acknowledge = [] } = change;
  const shape: PartName[] = [];
  if (run) shape.push(run.status !== undefined && isTerminal(run.status) ? 'end' : 'run');
  if (steps.length > 0) shape.push(steps.some((step) => step.parent !== null) ? 'items' : 'steps');
  if (signalKeys(change).length > 0) shape.push('signals');
  if (resources.length > 0) shape.push('resources');
  if (events.length > 0) shape.push('events');
  if (acknowledge.length > 0) shape.push('inbox');
  if (change.wipeSecrets) shape.push('wiped');
  return shape.join(' ');
}

/**
 * For changes of one shape, each of another run. They are numbered, and so is every row of their parts: what belongs to a run
 * whose lease is not held any more finds no `held` of its number. The ids of those in `held` are answered.
 */
export function statementFor(writes: readonly Write[]): { name: string; text: string; values: unknown[] } {
  const [first] = writes;
  const alone = first && writes.length === 1 ? statementAlone(first) : null;
  if (alone) return alone;
  const size = sizes.find((room) => room >= writes.length) ?? writes.length;
  const name = `record ${size} ${first?.shape ?? ''}`;
  const statement = statements.get(name) ?? statementOf(size, first?.shape ?? '');
  statements.set(name, statement);
  return { name, text: statement.text, values: [...leaseValues(writes, size, statement.columns), ...statement.values.map((valueOf) => valueOf(writes))] };
}

/** Places for runs that a statement may have; those left over stay empty. A few texts, since each is planned by itself. */
const sizes = [1, 2, 4, 8, 16, 32];

export function signalKeys({ steps = [] }: RunChange): string[] {
  return [...new Set(asleepForSignals(steps).map(({ key }) => key))].sort();
}

/** All of a statement but the changes that it is for. */
interface Statement {
  text: string;
  columns: readonly LeaseColumn[];
  values: ReadonlyArray<(writes: readonly Write[]) => unknown>;
}

/** By name, which says all that a statement is made of. */
const statements = new Map<string, Statement>();

function statementOf(size: number, shape: string): Statement {
  const names = shape.split(' ').filter((part): part is PartName => part in parts);
  const changed = names.find((name) => name === 'run' || name === 'end') ?? null;
  const columns = changed ? [...leaseColumns, patchColumn] : leaseColumns;
  let parameters = size * columns.length;
  const sql = names.flatMap((name) => parts[name].sql?.(`$${(parameters += parts[name].value ? 1 : 0)}`) ?? []);
  if (changed === 'end') sql.push(endOfRun(names.includes('resources')));
  return {
    text: `WITH ${[heldSql(size, columns, changed), ...sql].join(', ')} SELECT id FROM held`,
    columns,
    values: names.flatMap((name) => parts[name].value ?? []),
  };
}

type PartName = 'run' | 'end' | 'steps' | 'items' | 'signals' | 'resources' | 'events' | 'inbox' | 'wiped';

/** A part's text, and what the parameter holds that it is handed, if it has one. The run's own part is in `held`. */
interface Part {
  value?: (writes: readonly Write[]) => unknown;
  sql?: (parameter: string) => string;
}

const parts: Record<PartName, Part> = {
  run: {},
  end: {},
  steps: { value: (writes) => rowsOf(writes, ({ steps = [] }) => steps.map(stepColumns)), sql: changeStepsSql },
  items: { value: (writes) => rowsOf(writes, ({ steps = [] }) => steps.map(stepColumns)), sql: putStepsSql },
  signals: { value: (writes) => rowsOf(writes, ({ steps = [] }) => asleepForSignals(steps)), sql: lookForSignalsSql },
  resources: { value: (writes) => rowsOf(writes, ({ resources = [] }) => resources.map(resourceColumns)), sql: resourcesSql },
  events: { value: (writes) => rowsOf(writes, ({ events = [] }) => numbered(events)), sql: eventsSql },
  inbox: { value: (writes) => [writes.flatMap(({ change }) => change.acknowledge ?? [])], sql: acknowledgeSql },
  wiped: { sql: () => wipeSql },
};

/** Of what type each is, and what makes it in the values of a change. */
type LeaseColumn = readonly [type: string, of: (write: Write) => unknown];

const leaseColumns: readonly LeaseColumn[] = [
  ['text', ({ lease }) => lease.runId],
  ['text', ({ lease }) => lease.owner],
  ['bigint', ({ lease }) => lease.fence],
  ['int', ({ change }) => change.events?.length ?? 0],
  ['int', ({ change }) => change.events?.filter(({ type }) => type === 'log').length ?? 0],
];

const patchColumn: LeaseColumn = ['jsonb', ({ change }) => JSON.stringify(change.run)];

function leaseValues(writes: readonly Write[], size: number, columns: readonly LeaseColumn[]): unknown[] {
  const values = writes.flatMap((write) => columns.map(([, of]) => of(write)));
  return [...values, ...Array<null>((size - writes.length) * columns.length).fill(null)];
}

function rowsOf(writes: readonly Write[], ofChange: (change: RunChange) => object[]): string {
  return JSON.stringify(writes.flatMap(({ change }, index) => ofChange(change).map((row) => ({ of: index + 1, ...row }))));
}

function asleepForSignals(steps: StepRecord[]): Array<{ key: string; seen: number }> {
  return steps.flatMap(({ status, wait }) =>
    status === 'WAITING' && wait?.for === 'wait' && !wait.woken && wait.signal !== undefined ? [{ key: wait.signal, seen: wait.seen ?? 0 }] : [],
  );
}

function resourceColumns({ externalId, runId, stepId, ...resource }: LedgerResource): Record<string, unknown> {
  return { ...resource, external_id: externalId, run_id: runId, step_id: stepId };
}

/**
 * Written out row by row, so that the planner knows how few they are; and with `IS TRUE`, so that it looks for each run by its
 * key and not through all that are held.
 */
function heldSql(size: number, columns: readonly LeaseColumn[], changed: RunPart | null): string {
  const rows = Array.from({ length: size }, (_, row) => {
    const values = columns.map(([type], column) => `$${row * columns.length + column + 1}::${type}`);
    return `(${row + 1}, ${values.join(', ')})`;
  });
  return `held AS (
    UPDATE runs SET last_seq = last_seq + change.events, last_line = last_line + change.lines, updated_at = now()${changed ? patchSql(changed, 'patch') : ''}
      FROM (VALUES ${rows.join(', ')}) AS change(of, run_id, owner, number, events, lines${changed ? ', patch' : ''})
     WHERE id = change.run_id AND (lease_owner = change.owner) IS TRUE AND (fence = change.number) IS TRUE
    RETURNING change.of, id, status, started_at, operation, blueprint, entity, mark, last_seq - change.events AS seq, last_line - change.lines AS line)`;
}

function changeStepsSql(changes: string): string {
  return `${stepChangesSql(changes)}, changed_steps AS (
    UPDATE steps SET ${stepAssignments} FROM step_changes AS change WHERE steps.run_id = change.run_id AND steps.id = change.id)`;
}

/** Some of them items of an `each`, which may be new: they stand where their step does. */
function putStepsSql(changes: string): string {
  return `${stepChangesSql(changes)}, changed_steps AS (
    INSERT INTO steps (run_id, id, position, status, attempt, failures, losses, parent, item, each, input, output, failure, wait,
      started_at, ended_at)
    SELECT change.run_id, change.id, planned.position, change.status, change.attempt, change.failures, change.losses, change.parent, change.item,
      nullif(change.each, 'null'), change.input, change.output, nullif(change.failure, 'null'), nullif(change.wait, 'null'),
      change.started_at, change.ended_at
    FROM step_changes AS change
      JOIN steps AS planned ON planned.run_id = change.run_id AND planned.id = coalesce(change.parent, change.id)
    ON CONFLICT (run_id, id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, failures = excluded.failures,
      losses = excluded.losses, each = excluded.each, input = excluded.input, output = excluded.output, failure = excluded.failure,
      wait = excluded.wait, started_at = excluded.started_at, ended_at = excluded.ended_at)`;
}

/**
 * Run and step side by side in one row, or the planner may look steps up by their id alone, through all runs: with tables that
 * are still empty it does, and a connection keeps that plan until they are analysed.
 */
function stepChangesSql(changes: string): string {
  return `step_changes AS MATERIALIZED (
    SELECT held.id AS run_id, change.*
    FROM held JOIN jsonb_to_recordset(${changes}::jsonb) AS change(
      of int, id text, status text, attempt int, failures int, losses int, parent text, item int, each jsonb, input jsonb, output jsonb,
      failure jsonb, wait jsonb, started_at timestamptz, ended_at timestamptz) ON change.of = held.of)`;
}

function lookForSignalsSql(asleep: string): string {
  return `woken_by_signal AS (
    INSERT INTO inbox (run_id, kind, body)
    SELECT held.id, 'signal', jsonb_build_object('key', asleep.key)
      FROM held JOIN jsonb_to_recordset(${asleep}::jsonb) AS asleep(of int, key text, seen bigint) ON asleep.of = held.of
     WHERE EXISTS (SELECT 1 FROM signals WHERE signals.key = asleep.key AND signals.id > asleep.seen))`;
}

function resourcesSql(changes: string): string {
  return `changed AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(${changes}::jsonb) AS change(
      of int, run_id text, kind text, external_id text, title text, url text, properties jsonb, state text, step_id text, depth int,
      note text, removal jsonb)
  ), changed_resources AS (
    INSERT INTO resources (run_id, blueprint, entity, kind, external_id, title, url, properties, state, step_id, depth, note, removal)
    SELECT change.run_id, held.blueprint, held.entity, change.kind, change.external_id, change.title, change.url, change.properties,
      change.state, change.step_id, change.depth, change.note, nullif(change.removal, 'null')
    FROM held JOIN changed AS change ON change.of = held.of
    ON CONFLICT (run_id, kind, external_id) DO UPDATE SET title = excluded.title, url = excluded.url, properties = excluded.properties,
      state = excluded.state, step_id = excluded.step_id, depth = excluded.depth, note = excluded.note, removal = excluded.removal,
      updated_at = now())`;
}

function eventsSql(events: string): string {
  return `new_events AS (
    INSERT INTO events (run_id, seq, line, type, body)
    SELECT held.id, held.seq + event."offset", held.line + event.line, event.type, event.body
    FROM held JOIN jsonb_to_recordset(${events}::jsonb) AS event(of int, "offset" int, line int, type text, body jsonb) ON event.of = held.of)`;
}

/** Of whichever of the runs they are. */
function acknowledgeSql(ids: string): string {
  return `acknowledged AS (
    UPDATE inbox SET acknowledged_at = now() FROM held WHERE inbox.run_id = held.id AND inbox.id = ANY (${ids}::bigint[]))`;
}

/** A retry that was accepted before the run began to be undone may have brought what it needs. */
const wipeSql = `wiped AS (
    DELETE FROM run_secrets USING held
     WHERE run_secrets.run_id = held.id
       AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run_id = held.id AND inbox.kind = 'retry' AND inbox.acknowledged_at IS NULL))`;
