import { NotFoundException } from '@nestjs/common';
import { type ErrorCode, SlipwayError } from '@slipway/contracts';
import { describeError } from './describe-error.js';

describe('describeError', () => {
  it.each<[ErrorCode, number, string]>([
    ['bad_request', 400, 'BAD_REQUEST'],
    ['unauthorized', 401, 'UNAUTHORIZED'],
    ['forbidden', 403, 'FORBIDDEN'],
    ['not_found', 404, 'NOT_FOUND'],
    ['conflict', 409, 'CONFLICT'],
    ['plan_changed', 409, 'PLAN_CHANGED'],
    ['idempotency_conflict', 409, 'IDEMPOTENCY_CONFLICT'],
    ['invalid_input', 422, 'INVALID_INPUT'],
    ['unavailable', 503, 'UNAVAILABLE'],
  ])('answers %s with %d and %s', (code, status, graphql) => {
    const details = [{ path: 'a', code: 'b', message: 'c' }];
    expect(describeError(new SlipwayError(code, 'why', details))).toEqual({
      status,
      error: code,
      graphql,
      message: 'why',
      details,
      defect: false,
    });
  });

  it.each<[string, unknown, number, string]>([
    ['a route that Nest does not know', new NotFoundException('Cannot GET /nowhere'), 404, 'not_found'],
    ['a body that Fastify cannot parse', httpError(400), 400, 'bad_request'],
    ['a body that is too large', httpError(413), 413, 'payload_too_large'],
    ['another media type', httpError(415), 415, 'unsupported_media_type'],
    ['PostgreSQL refusing connections', coded('ECONNREFUSED'), 503, 'unavailable'],
    ['PostgreSQL shutting down, seen through Prisma', new Error('query failed', { cause: coded('57P01') }), 503, 'unavailable'],
    ['a pool without a free connection', new Error('timeout exceeded when trying to connect'), 503, 'unavailable'],
    ['a query that is wrong', coded('42601'), 500, 'internal'],
    ['a defect', new TypeError('undefined is not a function'), 500, 'internal'],
    ['a thrown text', 'oops', 500, 'internal'],
  ])('answers %s', (_name, error, status, code) => {
    expect(describeError(error)).toMatchObject({ status, error: code, defect: status === 500 });
  });

  it('shows nothing of a defect', () => {
    expect(describeError(new Error('password=hunter2')).message).not.toContain('hunter2');
  });
});

function httpError(statusCode: number): Error {
  return Object.assign(new Error('refused'), { statusCode });
}

function coded(code: string): Error {
  return Object.assign(new Error('driver says'), { code });
}
