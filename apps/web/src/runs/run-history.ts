import type { LogEvent, Resource, RunEvent, StepEvent } from '../api/run-events.js';
import { type Failure, isOver, type Run, type RunStatus, type Step } from '../api/runs.js';

/** A run as its events tell it, up to and with `seq`. */
export interface RunHistory {
  seq: number;
  status: RunStatus | null;
  failure: Failure | null;
  steps: Readonly<Record<string, StepProgress>>;
  lines: readonly LogEvent[];
  /** In the order of their first mention. */
  resources: readonly Resource[];
}

type StepProgress = Pick<Step, 'name' | 'status' | 'attempt' | 'waitingFor' | 'failure' | 'startedAt' | 'endedAt'>;

export const emptyHistory: RunHistory = { seq: 0, status: null, failure: null, steps: {}, lines: [], resources: [] };

/** Takes events up; those it has already (a stream that was resumed) are passed over. */
export function withEvents(history: RunHistory, events: readonly RunEvent[]): RunHistory {
  const next = { ...history, steps: { ...history.steps }, lines: [...history.lines] };
  for (const event of events) {
    if (event.seq <= next.seq) continue;
    next.seq = event.seq;
    if (event.type === 'log') next.lines.push(event);
    if (event.type === 'step') next.steps[event.stepId] = stepAfter(next.steps[event.stepId], event);
    if (event.type === 'resource') next.resources = withResource(next.resources, event.resource);
    if (event.type === 'run') Object.assign(next, { status: event.status, failure: event.failure });
  }
  return next;
}

/** The run as first loaded, brought up to what its history knows by now. */
export function runWithHistory(run: Run, history: RunHistory): Run {
  const status = history.status ?? run.status;
  return {
    ...run,
    ...(history.status ? { status, failure: history.failure } : {}),
    behind: status === 'QUEUED' ? run.behind : [],
    steps: run.steps.flatMap((step) => [{ ...step, ...history.steps[step.id] }, ...newItems(step, run.steps, history)]),
  };
}

/** Items of an `each` come into being while the run is followed; they stand behind their step. */
function newItems(step: Step, known: readonly Step[], history: RunHistory): Step[] {
  return Object.entries(history.steps)
    .filter(([id]) => itemOf(id)?.parent === step.id && !known.some((other) => other.id === id))
    .map(([id, progress]) => ({ ...step, ...progress, id }))
    .sort((one, other) => (itemOf(one.id)?.number ?? 0) - (itemOf(other.id)?.number ?? 0));
}

/** `publish[0]` is the first item of `publish`; null of a step of the plan. */
export function itemOf(id: string): { parent: string; number: number } | null {
  const found = /^(.+)\[(\d+)\]$/.exec(id);
  return found?.[1] ? { parent: found[1], number: Number(found[2]) + 1 } : null;
}

function isStanding(resource: Resource): boolean {
  return resource.state !== 'REMOVED' && resource.state !== 'KEPT';
}

/** What makes sense to ask of the run now. */
export function possibleDemands(run: Run, resources: readonly Resource[]): { cancel: boolean; retry: boolean; undo: boolean } {
  const broken = run.status === 'FAILED' || run.status === 'CANCELLED';
  return {
    cancel: !isOver(run.status) && run.status !== 'UNDOING',
    retry: broken,
    undo: broken && resources.some(isStanding),
  };
}

function stepAfter(before: StepProgress | undefined, event: StepEvent): StepProgress {
  const { name, status, attempt, waitingFor, failure } = event;
  return { name, status, attempt, waitingFor, failure, ...timesAfter(before, event) };
}

function timesAfter(before: StepProgress | undefined, { status, at }: StepEvent): Pick<Step, 'startedAt' | 'endedAt'> {
  switch (status) {
    case 'PENDING':
      return { startedAt: null, endedAt: null };
    case 'RUNNING':
      // Once it has ended, running is a new start; between attempts it is the same one.
      return { startedAt: before?.startedAt && !before.endedAt ? before.startedAt : at, endedAt: null };
    case 'SUCCEEDED':
    case 'FAILED':
    case 'CANCELLED':
    case 'SKIPPED':
      return { startedAt: before?.startedAt ?? null, endedAt: at };
    default:
      return { startedAt: before?.startedAt ?? null, endedAt: before?.endedAt ?? null };
  }
}

function withResource(resources: readonly Resource[], changed: Resource): readonly Resource[] {
  const isSame = (other: Resource): boolean => other.kind === changed.kind && other.externalId === changed.externalId;
  return resources.some(isSame) ? resources.map((other) => (isSame(other) ? changed : other)) : [...resources, changed];
}
