import type { Principal, RunView } from '@slipway/contracts';
import type { RunReader } from './run-reader.js';
import { visibleRun } from './visible-run.js';

/** `not_found` when there is none that the caller may see. */
export function getRun(deps: { runs: RunReader }, query: { principal: Principal; runId: string }): Promise<RunView> {
  return visibleRun(deps.runs, query.principal, query.runId);
}
