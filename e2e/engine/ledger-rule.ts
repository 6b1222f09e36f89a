import { type RunEvent, type RunStatus, type StepStatus, isTerminal } from '@slipway/contracts';
import { type Plan, assertRunTransition, assertStepTransition } from '@slipway/engine';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';

export interface Expected {
  /** How a run ended, where not with SUCCEEDED. */
  status?: (runId: string) => RunStatus;
  /** A creation that met one who was quicker: only where two workers were made to act on one run. */
  refusals?: number;
}

/**
 * What holds after any fault, once everything has ended: each accepted run came to its end (L), each step has one recorded
 * outcome and each key one effect (D), nothing began before what it needs or went backwards (M), the history is whole from
 * the table and from a reader who kept losing his connection (S), and nothing is left over: no thing, lease or message (Z).
 */
export async function expectLedgerRule(installation: Installation, expected: Expected = {}): Promise<void> {
  await installation.ended();
  const runs = await storedRuns(installation);
  expect(runs.map((run) => run.id).sort()).toEqual([...installation.readers.keys()].sort());
  for (const run of runs) {
    const status = expected.status?.(run.id) ?? 'SUCCEEDED';
    expect({ run: run.id, status: run.status, failure: status === 'SUCCEEDED' ? run.failure : null }).toEqual({ run: run.id, status, failure: null });
    const events = await storedEvents(installation, run.id);
    expectWholeNumbers(run, events);
    await expectSameForReader(installation, run.id, events);
    expectOrder(run, events);
    expectOneOutcome(run, events);
  }
  await expectEffects(installation, expected.refusals ?? 0);
  await expectNothingLeft(installation);
}

/** No job, and nothing that waits to become one. BullMQ lets go of a dead worker's jobs only when it looks again. */
export async function expectNoJobs(installation: Installation): Promise<void> {
  await until('nothing is left in the queue', async () => (await installation.jobs()).length === 0, 45_000);
  await until('nothing is left in the outbox', async () => (await count(installation, 'SELECT 1 FROM outbox')) === 0, 10_000);
}

interface StoredRun {
  id: string;
  status: RunStatus;
  failure: unknown;
  plan: Plan;
  lastSeq: number;
  lastLine: number;
  steps: Record<string, StepStatus>;
}

async function storedRuns({ database }: Installation): Promise<StoredRun[]> {
  const { rows } = await database.pool.query<StoredRun>(
    `SELECT id, status, failure, plan, last_seq AS "lastSeq", last_line AS "lastLine",
            (SELECT json_object_agg(step.id, step.status) FROM steps AS step WHERE step.run_id = run.id) AS steps
       FROM runs AS run ORDER BY created_at`,
  );
  return rows;
}

async function storedEvents({ database }: Installation, runId: string): Promise<RunEvent[]> {
  const { rows } = await database.pool.query<{ seq: number; line: number | null; type: string; body: object }>(
    'SELECT seq, line, type, body FROM events WHERE run_id = $1 ORDER BY seq',
    [runId],
  );
  return rows.map(({ body, ...row }) => ({ ...row, ...body }) as unknown as RunEvent);
}

function expectWholeNumbers(run: StoredRun, events: RunEvent[]): void {
  expect(events.map((event) => event.seq)).toEqual(numbersTo(run.lastSeq));
  expect(events.flatMap((event) => (event.type === 'log' ? [event.line] : []))).toEqual(numbersTo(run.lastLine));
}

async function expectSameForReader({ readers }: Installation, runId: string, events: RunEvent[]): Promise<void> {
  const reader = readers.get(runId);
  await until(`the reader of ${runId} has seen its end`, async () => reader?.events.length === events.length, 10_000).catch(() => undefined);
  expect(reader?.events.map((event) => event.seq)).toEqual(events.map((event) => event.seq));
}

function expectOrder(run: StoredRun, events: RunEvent[]): void {
  const steps = new Map<string, StepStatus>(run.plan.steps.map((step) => [step.id, 'PENDING']));
  const needs = new Map(run.plan.steps.map((step) => [step.id, step.needs]));
  let status: RunStatus = 'QUEUED';
  for (const event of events) {
    if (event.type === 'run') {
      assertRunTransition(status, event.status);
      expect(isTerminal(status)).toBe(false);
      status = event.status;
    }
    if (event.type !== 'step') continue;
    assertStepTransition(event.stepId, steps.get(event.stepId) ?? 'PENDING', event.status);
    steps.set(event.stepId, event.status);
    if (event.status !== 'RUNNING') continue;
    for (const id of needs.get(event.stepId) ?? []) expect({ run: run.id, id, status: steps.get(id) }).toEqual({ run: run.id, id, status: 'SUCCEEDED' });
  }
  expect({ run: run.id, status, ...Object.fromEntries(steps) }).toEqual({ run: run.id, status: run.status, ...run.steps });
}

function expectOneOutcome(run: StoredRun, events: RunEvent[]): void {
  const outcomes = events.flatMap((event) => (event.type === 'step' && settled.includes(event.status) ? [event.stepId] : []));
  expect(outcomes.sort()).toEqual(run.plan.steps.map((step) => step.id).sort());
  expect(events.filter((event) => event.type === 'run' && isTerminal(event.status))).toHaveLength(1);
}

const settled: StepStatus[] = ['SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED'];

async function expectEffects({ outside, database }: Installation, refusals: number): Promise<void> {
  expect([...outside.effects].filter(([, times]) => times !== 1)).toEqual([]);
  expect(outside.refused).toBeLessThanOrEqual(refusals);
  const { rows } = await database.pool.query<{ name: string; state: string }>(
    `SELECT external_id AS name, state FROM resources WHERE state <> 'REMOVED' ORDER BY external_id`,
  );
  expect(rows).toEqual([...outside.things.keys()].sort().map((name) => ({ name, state: 'CREATED' })));
}

async function expectNothingLeft(installation: Installation): Promise<void> {
  // One that came as its run ended is taken up by a job of its own, which lets the run go a moment after it.
  await until('every message was heard', async () => (await count(installation, 'SELECT 1 FROM inbox WHERE acknowledged_at IS NULL')) === 0, 10_000);
  const leases = 'SELECT 1 FROM runs WHERE lease_owner IS NOT NULL OR lease_until IS NOT NULL';
  await until('every run was let go', async () => (await count(installation, leases)) === 0, 5_000);
}

async function count({ database }: Installation, sql: string): Promise<number> {
  return (await database.pool.query(sql)).rowCount ?? 0;
}

function numbersTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
