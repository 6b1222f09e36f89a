import type { ErrorCode } from '@slipway/contracts';

/** What each of our codes is called in each door. The one table; `code` in GraphQL is `extensions.code`. */
export const errorTable: Readonly<Record<ErrorCode, { status: number; graphql: string }>> = {
  bad_request: { status: 400, graphql: 'BAD_REQUEST' },
  unauthorized: { status: 401, graphql: 'UNAUTHORIZED' },
  forbidden: { status: 403, graphql: 'FORBIDDEN' },
  not_found: { status: 404, graphql: 'NOT_FOUND' },
  conflict: { status: 409, graphql: 'CONFLICT' },
  secrets_needed: { status: 422, graphql: 'SECRETS_NEEDED' },
  plan_changed: { status: 409, graphql: 'PLAN_CHANGED' },
  idempotency_conflict: { status: 409, graphql: 'IDEMPOTENCY_CONFLICT' },
  invalid_input: { status: 422, graphql: 'INVALID_INPUT' },
  unavailable: { status: 503, graphql: 'UNAVAILABLE' },
};

/** Answers that only the transport gives; no use case knows them. */
export const transportErrors: Readonly<Record<number, string>> = {
  405: 'method_not_allowed',
  408: 'timeout',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
};
