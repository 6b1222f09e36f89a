import type { LedgerResource } from './step-definition.js';

/**
 * What can be removed now, out of what still stands (in order of creation): the reverse of creation. What a later run
 * made goes before what an earlier one made; within a run the deepest steps' things go first, those of one depth together.
 */
export function nextWave(standing: readonly LedgerResource[]): LedgerResource[] {
  const last = standing.at(-1);
  if (!last) return [];
  const ofLastRun = standing.filter((resource) => resource.runId === last.runId);
  const deepest = Math.max(...ofLastRun.map((resource) => resource.depth));
  return ofLastRun.filter((resource) => resource.depth === deepest);
}

/** Failed tries in one go. */
export const mostRemovalAttempts = 6;

/** It could not be removed, and waits to be called up for another try. */
export function isGivenUp({ state, removal }: LedgerResource): boolean {
  return state === 'REMOVE_FAILED' && (removal === null || removal.attempts >= mostRemovalAttempts);
}
