import { type Principal, SlipwayError } from '@slipway/contracts';
import { isStorable } from '../storable.js';
import type { Pause, PauseStore } from './pause-store.js';

export interface PauseRunsCommand {
  principal: Principal;
  reason: string;
}

/** Holds new runs where they are in line until `resumeRuns`; what has begun goes on, and requests are still accepted. */
export async function pauseRuns(deps: { pauses: PauseStore }, { principal, reason }: PauseRunsCommand): Promise<Pause> {
  assertOperator(principal);
  if (!isStorable(reason)) throw new SlipwayError('bad_request', 'The reason holds a character that cannot be kept.');
  return deps.pauses.set({ reason, pausedBy: `${principal.kind}:${principal.id}` });
}

/** Answers whether there was a pause to end. */
export async function resumeRuns(deps: { pauses: PauseStore; kick(): void }, { principal }: { principal: Principal }): Promise<boolean> {
  assertOperator(principal);
  const resumed = await deps.pauses.clear();
  deps.kick();
  return resumed;
}

function assertOperator(principal: Principal): void {
  if (principal.roles.includes('admin')) return;
  throw new SlipwayError('forbidden', 'Only who has the role admin pauses and resumes new runs.');
}
