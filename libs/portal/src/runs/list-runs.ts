import type { Principal, RunView } from '@slipway/contracts';
import { visibilityOf } from '../access/visibility.js';
import { type Page, pageBounds, type PageQuery } from '../page.js';
import { isStorable } from '../storable.js';
import type { RunFilter, RunReader } from './run-reader.js';

export interface ListRunsQuery extends RunFilter, PageQuery {
  principal: Principal;
}

/** Newest first. */
export async function listRuns(deps: { runs: RunReader }, query: ListRunsQuery): Promise<Page<RunView>> {
  const { principal, limit, after, ...filter } = query;
  if (!isStorable(filter)) return { items: [], next: null };
  return deps.runs.list({ ...filter, ...pageBounds({ limit, after }), visibility: visibilityOf(principal) });
}
