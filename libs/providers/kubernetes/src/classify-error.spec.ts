import { ApiException } from '@kubernetes/client-node';
import { StepError } from '@slipway/engine';
import { classifyError } from './classify-error.js';

const write = { doing: 'create namespace shop', writes: true };
const read = { doing: 'look at namespace shop', writes: false };

describe('what the API server answers', () => {
  it.each([
    [401, {}, 'fatal', 'kubernetes_unauthorized'],
    [403, { reason: 'Forbidden', message: 'namespaces is forbidden' }, 'fatal', 'kubernetes_forbidden'],
    [
      403,
      { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
      'retry',
      'kubernetes_namespace_terminating',
    ],
    [404, { reason: 'NotFound' }, 'fatal', 'kubernetes_not_found'],
    [409, { reason: 'AlreadyExists' }, 'fatal', 'kubernetes_already_exists'],
    [409, { reason: 'Conflict', message: 'the UID in the precondition does not match' }, 'retry', 'kubernetes_changed_meanwhile'],
    [409, { reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict' }] } }, 'fatal', 'kubernetes_conflict'],
    [410, { reason: 'Expired' }, 'retry', 'kubernetes_unavailable'],
    [415, { reason: 'UnsupportedMediaType' }, 'fatal', 'kubernetes_refused'],
    [422, { reason: 'Invalid' }, 'fatal', 'kubernetes_invalid'],
    [429, {}, 'retry', 'kubernetes_busy'],
    [500, {}, 'retry', 'kubernetes_unavailable'],
    [503, {}, 'retry', 'kubernetes_unavailable'],
  ])('%i %j is %s, %s', (code, status, classification, expected) => {
    const error = classifyError(new ApiException(code, 'message', JSON.stringify(status), {}), write);
    expect(error).toMatchObject({ classification, code: expected });
    expect(classifyError(new ApiException(code, 'message', status, {}), write).message).toBe(error.message);
    expect(error.remedy).toBeTruthy();
  });

  it('names the managers and fields of a conflict', () => {
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.user' }];
    const body = JSON.stringify({ reason: 'Conflict', details: { causes } });
    expect(classifyError(new ApiException(409, '', body, {}), write).message).toContain(
      '.data.user (conflict with "kubectl" using v1)',
    );
  });

  it('repeats nothing of the body where that holds secret values', () => {
    const message = 'cannot unmarshal, error found in #10 byte of ...|"password":"aHVudGVy|...';
    const refused = new ApiException(400, '', JSON.stringify({ reason: 'BadRequest', message }), {});
    expect(classifyError(refused, write).message).toContain('cannot unmarshal');
    expect(classifyError(refused, { ...write, confidential: true }).message).toBe(
      'Kubernetes could not create namespace shop: the API server answered 400.',
    );
  });

  it.each([
    [{ 'retry-after': '7' }, {}, 7_000],
    [{}, { details: { retryAfterSeconds: 3 } }, 3_000],
    [{}, {}, 1_000],
  ])('waits as asked: %j %j', (headers, status, retryAfterMs) => {
    expect(classifyError(new ApiException(429, '', JSON.stringify(status), headers), read)).toMatchObject({ retryAfterMs });
  });

  it('passes on neither body nor headers, nor the value an invalid field has', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter22"', field: 'data[password]' }];
    const body = JSON.stringify({ reason: 'Invalid', message: 'Secret "x" is invalid: "hunter22"', details: { causes } });
    const error = classifyError(new ApiException(422, '', body, { authorization: 'Bearer hunter22' }), write);
    expect(error.message).toContain('data[password] (FieldValueInvalid)');
    expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toContain('hunter22');
    expect(error.cause).toBeUndefined();
  });
});

describe('no answer', () => {
  const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

  it.each([
    ['ECONNREFUSED', write, 'retry', 'kubernetes_unreachable'],
    ['ENOTFOUND', write, 'retry', 'kubernetes_unreachable'],
    ['ECONNRESET', write, 'lost', 'kubernetes_answer_lost'],
    ['ECONNRESET', read, 'retry', 'kubernetes_unreachable'],
    ['UND_ERR_SOCKET', write, 'lost', 'kubernetes_answer_lost'],
    ['SELF_SIGNED_CERT_IN_CHAIN', read, 'fatal', 'kubernetes_untrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', write, 'fatal', 'kubernetes_untrusted'],
  ])('%s on %j is %s, %s', (code, call, classification, expected) => {
    expect(classifyError(failed(code), call)).toMatchObject({ classification, code: expected, remedy: expect.any(String) });
  });

  it('is lost where a write ran into its deadline', () => {
    expect(classifyError(AbortSignal.abort().reason, write)).toMatchObject({ classification: 'lost' });
  });
});

it('a kind the cluster does not serve is fatal; what is classified stays as it is', () => {
  const unknown = new Error('Unrecognized API version and kind: example.com/v1 Thing');
  expect(classifyError(unknown, read)).toMatchObject({ classification: 'fatal', code: 'kubernetes_unknown_kind' });
  const error = new StepError('fatal', 'secret_not_found', 'no');
  expect(classifyError(error, read)).toBe(error);
});
