import { type Failure, type RunStatus, isStanding } from '@slipway/contracts';
import type { PlannedStep } from './plan.js';
import type { RunRecord, StepRecord } from './ports/run-store.js';
import { nextWave } from './removal-order.js';
import type { LedgerResource } from './step-definition.js';

/** What happens next. Several moves may come at once; `finish`, `turn-back` and `sleep` always come alone. */
export type Move =
  | { type: 'start'; step: PlannedStep }
  | { type: 'abort' }
  | { type: 'fail'; failure: Failure }
  | { type: 'turn-back'; reason: 'failure' | 'cancel' }
  | { type: 'remove'; resource: LedgerResource }
  | { type: 'sleep'; until: Date }
  | { type: 'finish'; status: RunStatus };

export interface Situation {
  run: RunRecord;
  steps: ReadonlyMap<string, StepRecord>;
  resources: readonly LedgerResource[];
  /** Step ids and `resourceKey`s that this worker is busy with. A step that is RUNNING but not here was cut off: it starts again. */
  inFlight: ReadonlySet<string>;
  now: Date;
  maxParallel: number;
  workspaceUse(action: string): 'none' | 'read' | 'write';
}

/** Pure: from persisted facts to what happens next. */
export function decide(situation: Situation): Move[] {
  return situation.run.status === 'UNDOING' ? backward(situation) : forward(situation);
}

export function resourceKey(resource: Pick<LedgerResource, 'runId' | 'kind' | 'externalId'>): string {
  return `${resource.runId} ${resource.kind} ${resource.externalId}`;
}

function forward(situation: Situation): Move[] {
  const { run, inFlight } = situation;
  if (run.undoReason === 'cancel') return inFlight.size > 0 ? [{ type: 'abort' }] : [endOrTurnBack(situation, 'cancel')];
  const failed = failedSteps(situation);
  if (failed.length > 0 || run.failure) return inFlight.size > 0 ? [] : [endOrTurnBack(situation, 'failure')];
  if (isOverdue(situation)) return [{ type: 'fail', failure: overdue(run) }, { type: 'abort' }];

  const starts = startable(situation);
  if (starts.length > 0 || inFlight.size > 0) return starts.map((step) => ({ type: 'start', step }));
  const open = [...situation.steps.values()].filter((step) => !['SUCCEEDED', 'SKIPPED'].includes(step.status));
  if (open.length === 0) return [{ type: 'finish', status: 'SUCCEEDED' }];
  return [{ type: 'sleep', until: earliestWake(situation, open) }];
}

/** Undo what a CREATE made, unless the plan or the step that failed says to keep it; with nothing made there is nothing to undo. */
function endOrTurnBack(situation: Situation, reason: 'failure' | 'cancel'): Move {
  const end: Move = { type: 'finish', status: reason === 'cancel' ? 'CANCELLED' : 'FAILED' };
  if (situation.run.plan.onFailure === 'keep') return end;
  const kept = reason === 'failure' && failedSteps(situation).some((step) => planned(situation, step.id)?.onFailure === 'keep');
  if (kept || situation.run.status === 'QUEUED') return end;
  return { type: 'turn-back', reason };
}

function backward({ run, resources, inFlight }: Situation): Move[] {
  if (inFlight.size > 0) return [];
  const wave = nextWave(resources.filter((resource) => isStanding(resource.state) && resource.state !== 'REMOVE_FAILED'));
  if (wave.length > 0) return wave.map((resource) => ({ type: 'remove', resource }));
  return [{ type: 'finish', status: run.undoReason === 'failure' || run.failure ? 'FAILED' : 'CANCELLED' }];
}

function startable(situation: Situation): PlannedStep[] {
  const { run, steps, inFlight, now } = situation;
  const busy = run.plan.steps.filter((step) => inFlight.has(step.id));
  const chosen: PlannedStep[] = [];
  for (const step of run.plan.steps) {
    if (busy.length + chosen.length >= situation.maxParallel) break;
    const record = steps.get(step.id);
    if (!record || inFlight.has(step.id) || !isDue(record, step, steps, now)) continue;
    if (!workspaceIsFree(situation, step, [...busy, ...chosen])) continue;
    chosen.push(step);
  }
  return chosen;
}

function isDue(record: StepRecord, step: PlannedStep, steps: ReadonlyMap<string, StepRecord>, now: Date): boolean {
  if (record.status === 'RUNNING') return true;
  if (record.status === 'WAITING') return !record.wait || record.wait.until <= now;
  if (record.status !== 'PENDING') return false;
  return step.needs.every((id) => ['SUCCEEDED', 'SKIPPED'].includes(steps.get(id)?.status ?? 'PENDING'));
}

/** A writer has the workspace to itself; readers share it. */
function workspaceIsFree(situation: Situation, step: PlannedStep, others: PlannedStep[]): boolean {
  const use = situation.workspaceUse(step.action);
  if (use === 'none') return true;
  return others.every((other) => {
    const theirs = situation.workspaceUse(other.action);
    return theirs === 'none' || (use === 'read' && theirs === 'read');
  });
}

function earliestWake({ run, now }: Situation, open: StepRecord[]): Date {
  const times = open.flatMap((step) => (step.wait ? [step.wait.until.getTime()] : []));
  const deadline = deadlineOf(run, now).getTime();
  return new Date(Math.min(deadline, ...times));
}

function isOverdue({ run, now }: Situation): boolean {
  return deadlineOf(run, now) <= now;
}

function deadlineOf(run: RunRecord, now: Date): Date {
  return new Date((run.startedAt ?? now).getTime() + run.plan.deadlineMs);
}

function overdue(run: RunRecord): Failure {
  return {
    code: 'run_deadline_passed',
    message: `The run was not done ${Math.round(run.plan.deadlineMs / 1000)} s after it started, which is its deadline.`,
    remedy: 'Look at the step it was waiting for; retry the run once that is mended, or raise spec.deadline in the template.',
  };
}

function failedSteps({ steps }: Situation): StepRecord[] {
  return [...steps.values()].filter((step) => step.status === 'FAILED');
}

function planned({ run }: Situation, stepId: string): PlannedStep | undefined {
  return run.plan.steps.find((step) => step.id === stepId);
}
