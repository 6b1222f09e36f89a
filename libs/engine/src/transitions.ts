import { type RunStatus, type StepStatus, isTerminal } from '@slipway/contracts';

/** Every change of status there is, as data. docs/run-lifecycle.md draws these tables; a test holds the two together. */
export const runTransitions: Record<RunStatus, readonly RunStatus[]> = {
  WAITING_FOR_APPROVAL: ['QUEUED', 'DECLINED', 'CANCELLED'],
  QUEUED: ['RUNNING', 'CANCELLED'],
  RUNNING: ['WAITING', 'UNDOING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  WAITING: ['RUNNING', 'UNDOING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  UNDOING: ['FAILED', 'CANCELLED'],
  SUCCEEDED: [],
  FAILED: ['RUNNING', 'UNDOING'],
  CANCELLED: ['RUNNING', 'UNDOING'],
  DECLINED: [],
};

export const stepTransitions: Record<StepStatus, readonly StepStatus[]> = {
  PENDING: ['RUNNING', 'WAITING', 'SKIPPED', 'FAILED', 'CANCELLED'],
  RUNNING: ['RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  WAITING: ['RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: ['UNDOING', 'UNDONE', 'PENDING'],
  FAILED: ['PENDING'],
  SKIPPED: ['PENDING'],
  CANCELLED: ['PENDING'],
  UNDOING: ['UNDONE', 'UNDO_FAILED'],
  UNDONE: ['PENDING'],
  UNDO_FAILED: ['UNDOING', 'UNDONE', 'PENDING'],
};

/** Throws on a change the tables do not have: a defect in the engine, never something a person did. */
export function assertRunTransition(from: RunStatus, to: RunStatus): void {
  if (from !== to && !runTransitions[from].includes(to)) throw new Error(`A run cannot go from ${from} to ${to}.`);
}

export function assertStepTransition(stepId: string, from: StepStatus, to: StepStatus): void {
  if (from !== to && !stepTransitions[from].includes(to)) throw new Error(`Step "${stepId}" cannot go from ${from} to ${to}.`);
}

/** A retry or an undo may call an ended run back; nothing else does. */
export function canBeCalledBack(status: RunStatus): boolean {
  return isTerminal(status) && runTransitions[status].length > 0;
}
