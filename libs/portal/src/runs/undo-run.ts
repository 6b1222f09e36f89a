import type { RunView } from '@slipway/contracts';
import { type DemandCommand, type DemandDeps, demandOfRun } from './demand-of-run.js';

/**
 * Takes away what an ended run has left standing.
 * Answers with the run as it is before a worker acts on it; `conflict` when it makes no sense now.
 */
export function undoRun(deps: DemandDeps, command: DemandCommand): Promise<RunView> {
  return demandOfRun(deps, command, 'undo');
}
