import type { RequestableAction } from '../actions/action-store.js';
import type { RequestRunCommand, RequestRunDeps } from './request-run.js';
import type { NewRun } from './run-request-store.js';

/** What a request asks for, checked and spelt out: inputs, entity, plan. Throws `invalid_input`, `not_found` or `conflict`. */
export function describeRequest(
  _deps: RequestRunDeps,
  _action: RequestableAction,
  _command: RequestRunCommand,
  _runId: string,
): Promise<Omit<NewRun, 'idempotency'>> {
  throw new Error('Not written yet.');
}
