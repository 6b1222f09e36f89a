import { type Principal, type RunView, SlipwayError } from '@slipway/contracts';
import { canSee } from '../access/visibility.js';
import { isRunId } from './run-id.js';
import type { RunReader } from './run-reader.js';

/** The run, if there is one and the caller may see it; else `not_found`, which says nothing about which of the two it is. */
export async function visibleRun(runs: RunReader, principal: Principal, runId: string): Promise<RunView> {
  const found = isRunId(runId) ? await runs.find(runId) : null;
  if (!found || !canSee(principal, found)) throw noSuchRun(runId);
  return found.run;
}

/** Throws as `visibleRun` does, for whoever asks for what belongs to the run and not for the run itself. */
export async function assertVisibleRun(runs: RunReader, principal: Principal, runId: string): Promise<void> {
  const owner = isRunId(runId) ? await runs.ownerOf(runId) : null;
  if (!owner || !canSee(principal, owner)) throw noSuchRun(runId);
}

function noSuchRun(runId: string): SlipwayError {
  return new SlipwayError('not_found', `There is no run "${runId.slice(0, 100)}".`);
}
