import type { Lease, RunChange } from '@slipway/engine';
import { type RunPart, numbered, patchSql, stepAssignments, stepColumns } from './change-rows.js';
import { endOfRun } from './end-run.js';

/** More than most changes have; each count is a statement of its own, and is planned by itself. */
const mostSteps = 2;
const mostEvents = 4;

/**
 * For one run's change where it is what most are: few steps and events, perhaps with the run's own row. Whoever waits for it waits
 * for all of it, so each value is a parameter: there is no JSON to take apart, and the planner joins nothing that it knows.
 * Null where it is another.
 */
export function statementAlone({ lease, change, shape }: { lease: Lease; change: RunChange; shape: string }): { name: string; text: string; values: unknown[] } | null {
  const { steps = [], events = [], run } = change;
  if (!shapes.has(shape) || steps.length > mostSteps || events.length > mostEvents) return null;
  const name = `record alone ${shape} ${steps.length} ${events.length}`;
  const rows = numbered(events);
  const values = [
    ...[lease.runId, lease.owner, lease.fence, events.length, rows.filter(({ line }) => line !== undefined).length],
    ...(run ? [JSON.stringify(run)] : []),
    ...steps.map(stepColumns).flatMap((row) => stepFields.map(([field, type]) => toParameter(row[field], type))),
    ...rows.flatMap(({ line, type, body }) => [line ?? null, type, JSON.stringify(body)]),
  ];
  const text = texts.get(name) ?? textOf(runPartOf(shape), steps.length, events.length);
  texts.set(name, text);
  return { name, text, values };
}

const shapes = new Set(['', 'run ', 'end '].map((run) => `${run}steps events`));

/** By name, which says all that a statement is made of. */
const texts = new Map<string, string>();

const stepFields = [
  ['id', 'text'], ['status', 'text'], ['attempt', 'int'], ['failures', 'int'], ['losses', 'int'], ['input', 'jsonb'], ['output', 'jsonb'],
  ['failure', 'jsonb'], ['wait', 'jsonb'], ['started_at', 'timestamptz'], ['ended_at', 'timestamptz'],
] as const;

function toParameter(value: unknown, type: string): unknown {
  if (value === undefined) return null;
  return type === 'jsonb' ? JSON.stringify(value) : value;
}

function runPartOf(shape: string): RunPart | null {
  if (shape.startsWith('end')) return 'end';
  return shape.startsWith('run') ? 'run' : null;
}

/** The run by its parameter, not by `held`: steps would be looked up by their id alone, through all runs, where tables are still empty. */
function textOf(changed: RunPart | null, steps: number, events: number): string {
  let parameters = changed ? 6 : 5;
  const next = (type: string): string => `$${(parameters += 1)}::${type}`;
  const stepRows = Array.from({ length: steps }, () => `(${stepFields.map(([, type]) => next(type)).join(', ')})`);
  const eventRows = Array.from({ length: events }, (_, index) => `(${index + 1}, ${next('int')}, ${next('text')}, ${next('jsonb')})`);
  const ended = changed === 'end' ? ', status, started_at, operation, blueprint, entity, mark' : '';
  return `WITH held AS (
    UPDATE runs SET last_seq = last_seq + $4::int, last_line = last_line + $5::int, updated_at = now()${changed ? patchSql(changed, '$6::jsonb') : ''}
     WHERE id = $1 AND (lease_owner = $2) IS TRUE AND (fence = $3::bigint) IS TRUE
    RETURNING id, last_seq - $4::int AS seq, last_line - $5::int AS line${ended}
  ), changed_steps AS (
    UPDATE steps SET ${stepAssignments}
      FROM held CROSS JOIN (VALUES ${stepRows.join(', ')}) AS change(${stepFields.map(([field]) => field).join(', ')})
     WHERE steps.run_id = $1 AND steps.id = change.id
  ), new_events AS (
    INSERT INTO events (run_id, seq, line, type, body)
    SELECT $1, held.seq + event."offset", held.line + event.line, event.type, event.body
      FROM held CROSS JOIN (VALUES ${eventRows.join(', ')}) AS event("offset", line, type, body)
  )${changed === 'end' ? `, ${endOfRun(false)}` : ''} SELECT id FROM held`;
}
