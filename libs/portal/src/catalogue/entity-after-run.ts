import type { Operation, RunStatus } from '@slipway/contracts';

export interface EndedRun {
  operation: Operation;
  /** A terminal one. */
  status: RunStatus;
  /** Whether the ledger still holds anything of the entity. */
  standing: boolean;
  /** Whether it ever came to a step. */
  begun: boolean;
}

/** `removed`: its row goes, and with it the hold on its name. `as_before`: what it was when the run was asked for. */
export type EntityAfterRun = 'ready' | 'failed' | 'removed' | 'unchanged' | 'as_before';

/**
 * What becomes of an entity when a run on it ends. A failed CREATE leaves it `failed`, which frees the name once nothing
 * stands outside. A DELETE that did not get to its end leaves it `failed` too: parts may be gone, so `ready` would be a lie;
 * and one that succeeded leaves it `failed` while the ledger still holds something of it, so that nothing is forgotten. One that never began has changed nothing.
 */
export function entityAfterRun(ended: EndedRun): EntityAfterRun {
  const { operation, status, standing, begun } = ended;
  if (operation === 'DAY-2') return 'unchanged';
  if (operation === 'CREATE') return status === 'SUCCEEDED' ? 'ready' : 'failed';
  if (!begun && status !== 'SUCCEEDED') return 'as_before';
  return status === 'SUCCEEDED' && !standing ? 'removed' : 'failed';
}
