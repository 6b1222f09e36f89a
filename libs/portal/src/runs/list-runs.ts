import type { Principal, RunView } from '@slipway/contracts';
import { visibilityOf } from '../access/visibility.js';
import { type Page, pageBounds, type PageQuery } from '../page.js';
import type { RunFilter, RunReader } from './run-reader.js';

export interface ListRunsQuery extends RunFilter, PageQuery {
  principal: Principal;
}

/** Newest first. */
export function listRuns(deps: { runs: RunReader }, query: ListRunsQuery): Promise<Page<RunView>> {
  const { principal, limit, after, ...filter } = query;
  return deps.runs.list({ ...filter, ...pageBounds({ limit, after }), visibility: visibilityOf(principal) });
}
