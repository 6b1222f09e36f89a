import type { Lease, RunChange, StepRecord } from '@slipway/engine';
import { type RunPart, numbered, patchSql } from './change-rows.js';
import { endOfRun } from './end-run.js';

/** More than most changes have; each count is a statement of its own, and is planned by itself. */
const mostSteps = 2;
const mostEvents = 4;

/**
 * For one run's change where it is what most are: few steps and events, perhaps with the run's own row. Whoever waits for it waits
 * for all of it, so each value is a parameter and each step an update of its own: there is no JSON to take apart, nothing to join,
 * and no row to answer with. It has written as many rows as there are events, or none when the lease was not held any more.
 * Null where the change is another.
 */
export function statementAlone({ lease, change, shape }: { lease: Lease; change: RunChange; shape: string }): { name: string; text: string; values: unknown[] } | null {
  const { steps = [], events = [], run } = change;
  if (!shapes.has(shape) || steps.length > mostSteps || events.length > mostEvents) return null;
  const name = `record alone ${shape} ${steps.length} ${events.length}`;
  const rows = numbered(events);
  const lines = rows.reduce((count, { line }) => (line === undefined ? count : count + 1), 0);
  const values: unknown[] = [lease.runId, lease.owner, lease.fence, events.length, lines];
  if (run) values.push(JSON.stringify(run));
  for (const step of steps) {
    values.push(step.id);
    for (const [, , valueOf] of stepParameters) values.push(valueOf(step));
  }
  for (const { line, type, body } of rows) values.push(line ?? null, type, JSON.stringify(body));
  const text = texts.get(name) ?? textOf(runPartOf(shape), steps.length, events.length);
  texts.set(name, text);
  return { name, text, values };
}

const shapes = new Set(['', 'run ', 'end '].map((run) => `${run}steps events`));

/** By name, which says all that a statement is made of. */
const texts = new Map<string, string>();

const stepParameters: ReadonlyArray<readonly [name: string, type: string, of: (step: StepRecord) => unknown]> = [
  ['status', 'text', ({ status }) => status],
  ['attempt', 'int', ({ attempt }) => attempt],
  ['failures', 'int', ({ failures }) => failures],
  ['losses', 'int', ({ losses }) => losses],
  ['input', 'jsonb', ({ input }) => toJson(input)],
  ['output', 'jsonb', ({ output }) => toJson(output)],
  ['failure', 'jsonb', ({ failure }) => toJson(failure)],
  ['wait', 'jsonb', ({ wait }) => toJson(wait)],
  ['started_at', 'timestamptz', ({ startedAt }) => startedAt?.toISOString()],
  ['ended_at', 'timestamptz', ({ endedAt }) => endedAt?.toISOString()],
];

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function runPartOf(shape: string): RunPart | null {
  if (shape.startsWith('end')) return 'end';
  return shape.startsWith('run') ? 'run' : null;
}

/** The run by its parameter, not by `held`: steps would be looked up by their id alone, through all runs, where tables are still empty. */
function textOf(changed: RunPart | null, steps: number, events: number): string {
  let parameters = changed ? 6 : 5;
  const next = (type: string): string => `$${(parameters += 1)}::${type}`;
  const changedSteps = Array.from({ length: steps }, (_, index) => {
    const id = next('text');
    const assignments = stepParameters.map(([name, type]) => `${name} = ${next(type)}`);
    return `changed_step_${index} AS (UPDATE steps SET ${assignments.join(', ')} FROM held WHERE steps.run_id = $1 AND steps.id = ${id})`;
  });
  const eventRows = Array.from({ length: events }, (_, index) => `(${index + 1}, ${next('int')}, ${next('text')}, ${next('jsonb')})`);
  const ended = changed === 'end' ? ', status, started_at, operation, blueprint, entity, mark' : '';
  return `WITH held AS (
    UPDATE runs SET last_seq = last_seq + $4::int, last_line = last_line + $5::int, updated_at = now()${changed ? patchSql(changed, '$6::jsonb') : ''}
     WHERE id = $1 AND (lease_owner = $2) IS TRUE AND (fence = $3::bigint) IS TRUE
    RETURNING id, last_seq - $4::int AS seq, last_line - $5::int AS line${ended}
  ), ${[...changedSteps, ...(changed === 'end' ? [endOfRun(false)] : [])].join(', ')}
  INSERT INTO events (run_id, seq, line, type, body)
  SELECT $1, held.seq + event."offset", held.line + event.line, event.type, event.body
    FROM held CROSS JOIN (VALUES ${eventRows.join(', ')}) AS event("offset", line, type, body)`;
}
