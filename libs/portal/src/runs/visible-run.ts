import { type Principal, type RunView, SlipwayError } from '@slipway/contracts';
import { canSee } from '../access/visibility.js';
import { isRunId } from './run-id.js';
import type { RunReader } from './run-reader.js';

/** The run, if there is one and the caller may see it; else `not_found`, which says nothing about which of the two it is. */
export async function visibleRun(runs: RunReader, principal: Principal, runId: string): Promise<RunView> {
  const found = isRunId(runId) ? await runs.find(runId) : null;
  if (!found || !canSee(principal, found)) throw new SlipwayError('not_found', `There is no run "${runId.slice(0, 100)}".`);
  return found.run;
}
