import type { Principal, ResourceView } from '@slipway/contracts';
import type { RunReader } from './run-reader.js';
import { assertVisibleRun } from './visible-run.js';

/** What a run planned and made, in that order, whatever has become of it. */
export async function listRunResources(
  deps: { runs: RunReader },
  query: { principal: Principal; runId: string },
): Promise<ResourceView[]> {
  await assertVisibleRun(deps.runs, query.principal, query.runId);
  return deps.runs.resources(query.runId);
}
