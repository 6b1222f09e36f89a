/**
 * The codes every door answers with. A caller branches on the code; the message is for people and may change.
 * One table in the api maps codes to HTTP and GraphQL.
 */
export type ErrorCode =
  | 'bad_request' // not even the right syntax: mend the request
  | 'unauthorized' // no token, or one that is not (or no longer) valid: get a new one
  | 'forbidden' // known caller, not allowed: ask whoever grants it
  | 'not_found'
  | 'conflict' // the state of things forbids it now; `message` names what holds it
  | 'invalid_input' // `details` lists every fault with its path
  | 'secrets_needed' // a retry needs secrets that were wiped: `details` names them, type them again
  | 'plan_changed' // what would happen is not what was agreed to: ask for the plan again
  | 'idempotency_conflict' // the key was used with another body
  | 'unavailable'; // a dependency is down: try again later

/** One fault in an input: where, which rule, and a sentence for people. `path` is dotted, as `properties.app_name`. */
export interface InputIssue {
  path: string;
  code: string;
  message: string;
}

/** An expected failure of a use case, safe to show to the caller. Anything else is a defect and shown as such. */
export class SlipwayError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: InputIssue[],
  ) {
    super(message);
    this.name = 'SlipwayError';
  }
}
