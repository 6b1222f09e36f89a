import { StepError } from '@slipway/engine';
import { RequestError } from 'octokit';
import { classifyError } from './classify-error.js';

const now = new Date('2026-01-01T00:00:00Z');
const call = { what: 'create the repository acme/shop', write: true, tokenReference: 'env:GITHUB_TOKEN', now };

function answered(status: number, data: unknown = {}, headers: Record<string, string> = {}): RequestError {
  const request = { method: 'POST' as const, url: 'https://api.github.com/orgs/acme/repos', headers: {} };
  const response = { status, data, headers, url: request.url, retryCount: 0 };
  return new RequestError('Failed', status, { request, response });
}

function silent(cause: Error): RequestError {
  const request = { method: 'POST' as const, url: 'https://api.github.com/orgs/acme/repos', headers: {} };
  return Object.assign(new RequestError('fetch failed', 500, { request }), { cause });
}

function withCode(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });
}

describe('classifyError', () => {
  it.each([
    [401, {}, {}, 'fatal', 'github_unauthorized'],
    [403, { message: 'Resource not accessible by integration' }, {}, 'fatal', 'github_forbidden'],
    [403, { message: 'You have exceeded a secondary rate limit' }, {}, 'retry', 'github_rate_limited'],
    [429, {}, {}, 'retry', 'github_rate_limited'],
    [404, {}, {}, 'fatal', 'github_not_found'],
    [409, { message: 'Git Repository is empty.' }, {}, 'retry', 'github_conflict'],
    [422, { message: 'Validation Failed' }, {}, 'fatal', 'github_rejected'],
    [418, {}, {}, 'fatal', 'github_rejected'],
    [500, {}, {}, 'retry', 'github_unavailable'],
    [503, {}, {}, 'retry', 'github_unavailable'],
    [502, {}, {}, 'lost', 'github_unavailable'],
    [504, {}, {}, 'lost', 'github_unavailable'],
  ])('HTTP %i %j %j on a write: %s, %s', (status, data, headers, classification, code) => {
    expect(classifyError(answered(status, data, headers), call)).toMatchObject({ classification, code, remedy: expect.any(String) });
  });

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now.getTime() / 1000 + 90) }, 90_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now.getTime() / 1000 - 90) }, 1_000],
  ])('403 with %j: away for %i ms', (headers, retryAfterMs) => {
    expect(classifyError(answered(403, {}, headers), call)).toMatchObject({ classification: 'retry', retryAfterMs });
  });

  it.each([
    [withCode('ECONNREFUSED'), true, 'retry', 'github_unreachable'],
    [withCode('ENOTFOUND'), true, 'retry', 'github_unreachable'],
    [withCode('ECONNRESET'), true, 'lost', 'github_unreachable'],
    [withCode('ECONNRESET'), false, 'retry', 'github_unreachable'],
    [new DOMException('The operation timed out', 'TimeoutError'), true, 'lost', 'github_unreachable'],
    [withCode('CERT_HAS_EXPIRED'), true, 'fatal', 'github_certificate'],
  ])('no answer, %s, write %s: %s', (cause, write, classification, code) => {
    expect(classifyError(silent(cause), { ...call, write })).toMatchObject({ classification, code, remedy: expect.any(String) });
  });

  it('says what, to what, why and what to do', () => {
    const errors = [{ resource: 'Repository', code: 'custom', field: 'name', message: 'name already exists on this account' }];
    const error = classifyError(answered(422, { message: 'Repository creation failed.', errors }), call);
    expect(error.message).toBe(
      'Could not create the repository acme/shop: ' +
        'GitHub answered 422 (Repository creation failed.; name: name already exists on this account).',
    );
    expect(error.remedy).toBeTruthy();
  });

  it('passes on nothing of the request', () => {
    const stray = silent(new TypeError('Headers.append: "token ghp_secret\n1" is an invalid header value.'));
    for (const error of [classifyError(stray, call), classifyError(answered(500, { message: 'down' }), call)]) {
      expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toContain('ghp_secret');
      expect(error.cause).toBeUndefined();
    }
  });

  it('leaves alone what is classified', () => {
    const known = new StepError('fatal', 'secret_not_found', 'There is no secret at env:GITHUB_TOKEN.');
    expect(classifyError(known, call)).toBe(known);
  });
});
