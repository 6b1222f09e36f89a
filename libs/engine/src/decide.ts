import type { Failure, RunStatus } from '@slipway/contracts';
import { backward } from './decide-backward.js';
import { afterFailure, candidatesOf, isOpen, isThrough, startable } from './startable.js';
import { type PlannedStep, plannedStepOf } from './plan.js';
import type { RunRecord, StepRecord } from './ports/run-store.js';
import type { LedgerResource } from './step-definition.js';

/** What happens next. Several moves may come at once; `finish`, `turn-back` and `sleep` always come alone. */
export type Move =
  | { type: 'start'; step: PlannedStep }
  /** The items of an `each` are through, or no more of them will run: what became of the whole. */
  | { type: 'gather'; step: PlannedStep }
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
  workspaceUse: (action: string) => 'none' | 'read' | 'write';
}

/** Pure: from persisted facts to what happens next. */
export function decide(situation: Situation): Move[] {
  return situation.run.status === 'UNDOING' ? backward(situation) : forward(situation);
}

function forward(situation: Situation): Move[] {
  const { run, inFlight, now } = situation;
  const failed = failedSteps(situation).length > 0;
  if (run.undoReason === 'cancel') return inFlight.size > 0 ? [{ type: 'abort' }] : [endOrTurnBack(situation, 'cancel')];
  if (run.failure) return inFlight.size > 0 ? [] : [endOrTurnBack(situation, 'failure')];
  if (deadlineOf(run, now) <= now) {
    if (!failed) return [{ type: 'fail', failure: overdue(run) }, { type: 'abort' }];
    return inFlight.size > 0 ? [{ type: 'abort' }] : [endOrTurnBack(situation, 'failure')];
  }

  const all = candidatesOf(situation);
  const through = all.filter((candidate) => isThrough(candidate, all, inFlight));
  if (through.length > 0) return through.map(({ step }) => ({ type: 'gather', step }));

  const candidates = failed ? afterFailure(all, inFlight) : all;
  const starts = startable(situation, candidates, all);
  if (starts.length > 0 || inFlight.size > 0) return starts.map((step) => ({ type: 'start', step }));
  const open = candidates.filter(({ record }) => isOpen(record));
  if (open.length > 0) return [{ type: 'sleep', until: earliestWake(situation, open.map(({ record }) => record)) }];
  return [failed ? endOrTurnBack(situation, 'failure') : { type: 'finish', status: 'SUCCEEDED' }];
}

/** Undo what a CREATE made, unless the plan or the step that failed says to keep it; with nothing made there is nothing to undo. */
function endOrTurnBack(situation: Situation, reason: 'failure' | 'cancel'): Move {
  const { run } = situation;
  const end: Move = { type: 'finish', status: reason === 'cancel' ? 'CANCELLED' : 'FAILED' };
  if (run.plan.onFailure === 'keep') return end;
  const kept = reason === 'failure' && failedSteps(situation).some((step) => plannedStepOf(run.plan, step)?.onFailure === 'keep');
  if (kept || run.status === 'QUEUED') return end;
  return { type: 'turn-back', reason };
}

function earliestWake({ run, now }: Situation, open: StepRecord[]): Date {
  const times = open.flatMap((step) => (step.status === 'WAITING' && step.wait ? [step.wait.until.getTime()] : []));
  return new Date(Math.min(deadlineOf(run, now).getTime(), ...times));
}

export function deadlineOf(run: RunRecord, now: Date): Date {
  return new Date((run.startedAt ?? now).getTime() + run.plan.deadlineMs);
}

export function overdue(run: RunRecord): Failure {
  return {
    code: 'run_deadline_passed',
    message: `The run was not done ${Math.round(run.plan.deadlineMs / 1000)} s after it started, which is its deadline.`,
    remedy: 'Look at the step it was waiting for; retry the run once that is mended, or raise spec.deadline in the template.',
  };
}

function failedSteps({ steps }: Situation): StepRecord[] {
  return [...steps.values()].filter((step) => step.status === 'FAILED');
}
