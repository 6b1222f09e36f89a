import type { Situation } from './decide.js';
import { type PlannedStep, plannedStepOf } from './plan.js';
import type { StepRecord } from './ports/run-store.js';

/** A step of the plan, or an item of one, with what is planned for it. */
interface Candidate {
  record: StepRecord;
  step: PlannedStep;
}

/** In the order of the plan, items behind their step. */
export function candidatesOf({ run, steps }: Situation): Candidate[] {
  return [...steps.values()].flatMap((record) => {
    const step = plannedStepOf(run.plan, record);
    return step ? [{ record, step }] : [];
  });
}

export function isOpen({ status }: StepRecord): boolean {
  return status === 'PENDING' || status === 'RUNNING' || status === 'WAITING';
}

/**
 * After a failure nothing ordinary starts; what is in flight may finish. Then comes what was asked for after a failure:
 * by now every other step is settled or will never run.
 */
export function afterFailure(all: Candidate[], inFlight: ReadonlySet<string>): Candidate[] {
  const finishing = all.some(({ record, step }) => !step.when && inFlight.has(record.id));
  return finishing ? [] : all.filter(({ step }) => step.when);
}

/** Whether all items of this step are settled, or one failed and no other will run any more. */
export function isThrough({ record, step }: Candidate, all: Candidate[], inFlight: ReadonlySet<string>): boolean {
  if (!isSplit({ record, step })) return false;
  const items = all.filter((candidate) => candidate.record.parent === record.id).map((candidate) => candidate.record);
  if (!items.some(isOpen)) return true;
  const over = items.some((item) => item.status === 'FAILED') && !step.when;
  return over && !items.some((item) => inFlight.has(item.id));
}

/** What of `candidates` may start now: due, within the bound on what runs at the same time, and alone in the workspace where it writes it. */
export function startable(situation: Situation, candidates: Candidate[], all: Candidate[]): PlannedStep[] {
  const { inFlight, maxParallel } = situation;
  const busy = all.filter(({ record }) => inFlight.has(record.id));
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    if (busy.length + chosen.length >= maxParallel) break;
    if (inFlight.has(candidate.record.id) || isSplit(candidate) || !isDue(candidate, situation)) continue;
    if (!workspaceIsFree(situation, candidate, [...busy, ...chosen])) continue;
    chosen.push(candidate);
  }
  return chosen.map(({ step }) => step);
}

/** Its items run in its place. */
function isSplit({ record, step }: Candidate): boolean {
  return step.each !== undefined && record.status === 'RUNNING';
}

function isDue({ record, step }: Candidate, situation: Situation): boolean {
  if (record.status === 'RUNNING') return true;
  if (record.status === 'WAITING') return !record.wait || record.wait.until <= situation.now;
  if (record.status !== 'PENDING') return false;
  return record.parent === null ? isReached(step, situation) : isItemsTurn(record, step, situation);
}

function isReached(step: PlannedStep, { run, steps }: Situation): boolean {
  const failed = [...steps.values()].some(({ status }) => status === 'FAILED');
  return step.needs.every((id) => {
    const need = steps.get(id);
    if (need?.status === 'SUCCEEDED' || need?.status === 'SKIPPED') return true;
    if (!failed || !need) return false;
    return !isOpen(need) || run.plan.steps.some((other) => other.id === id && !other.when);
  });
}

/** Items that write the workspace do so one after the other, in their order. */
function isItemsTurn(record: StepRecord, step: PlannedStep, { steps, workspaceUse }: Situation): boolean {
  if (steps.get(record.parent ?? '')?.status !== 'RUNNING') return false;
  if (workspaceUse(step.action) !== 'write') return true;
  const earlier = [...steps.values()].filter(({ parent, item }) => parent === record.parent && (item ?? 0) < (record.item ?? 0));
  return !earlier.some(isOpen);
}

/** A writer has the workspace to itself; readers share it. */
function workspaceIsFree({ workspaceUse }: Situation, { step }: Candidate, others: Candidate[]): boolean {
  const use = workspaceUse(step.action);
  if (use === 'none' || step.each !== undefined) return true;
  return others.every((other) => {
    const theirs = workspaceUse(other.step.action);
    return theirs === 'none' || other.step.each !== undefined || (use === 'read' && theirs === 'read');
  });
}
