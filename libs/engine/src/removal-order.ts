import type { LedgerResource } from './step-definition.js';

/** In place of its step's, the depth of what a kind has go first. */
export const goesFirstDepth = 1_000_000;

/**
 * What can be removed now, out of what still stands (in order of creation): what goes first, whichever run made it, and then
 * the reverse of creation. What a later run made goes before what an earlier one made; within a run the deepest steps'
 * things go first, those of one depth together.
 */
export function nextWave(standing: readonly LedgerResource[]): LedgerResource[] {
  const first = standing.filter(({ depth }) => depth === goesFirstDepth);
  if (first.length > 0) return first;
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
