import { type LogEvent, type Principal, SlipwayError } from '@slipway/contracts';
import { limitOf } from '../page.js';
import type { RunReader } from './run-reader.js';
import { assertVisibleRun } from './visible-run.js';

export interface ListLogLinesQuery {
  principal: Principal;
  runId: string;
  /** 1 to 1,000; 50 when absent. */
  limit?: number;
  /** How many lines to pass over. */
  offset?: number;
}

export async function listLogLines(deps: { runs: RunReader }, query: ListLogLinesQuery): Promise<LogEvent[]> {
  const limit = limitOf(query.limit, 50, 1_000);
  const offset = query.offset ?? 0;
  if (!Number.isInteger(offset) || offset < 0 || offset > 2_147_483_647)
    throw new SlipwayError('bad_request', 'offset must be a whole number from 0.');
  await assertVisibleRun(deps.runs, query.principal, query.runId);
  return deps.runs.logLines(query.runId, offset, limit);
}
