import type { RunView } from '@slipway/contracts';
import { type DemandCommand, type DemandDeps, demandOfRun } from './demand-of-run.js';

/**
 * Stops a run that has not ended; what it has made is undone as its template says.
 * Answers with the run as it is before a worker acts on it; `conflict` when it makes no sense now.
 */
export function cancelRun(deps: DemandDeps, command: DemandCommand): Promise<RunView> {
  return demandOfRun(deps, command, 'cancel');
}
