import type { RunView } from '@slipway/contracts';
import { type DemandCommand, type DemandDeps, demandOfRun } from './demand-of-run.js';

/**
 * Goes on from the failed step; steps that were undone count as not done.
 * Answers with the run as it is before a worker acts on it; `conflict` when it makes no sense now.
 */
export function retryRun(deps: DemandDeps, command: DemandCommand): Promise<RunView> {
  return demandOfRun(deps, command, 'retry');
}
