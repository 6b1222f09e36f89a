import { StepError } from '@slipway/engine';
import { classifyError } from './classify-error.js';

const write = { doing: 'create target /slipway/shop', writes: true };
const read = { doing: 'look at target /slipway/shop', writes: false };

describe('what Akeyless answers', () => {
  it.each([
    [401, 'UnauthorizedAccess', 'fatal', 'akeyless_unauthorized'],
    [403, 'forbidden', 'fatal', 'akeyless_forbidden'],
    [404, 'NotFound', 'fatal', 'akeyless_not_found'],
    [400, 'NotFound: no such item', 'fatal', 'akeyless_not_found'],
    [409, '', 'fatal', 'akeyless_already_exists'],
    [400, 'failed to create target: AlreadyExists', 'fatal', 'akeyless_already_exists'],
    [500, 'Status 409 Conflict', 'fatal', 'akeyless_already_exists'],
    [400, 'a required field is missing', 'fatal', 'akeyless_refused'],
    [400, 'dial tcp 10.0.0.1:3306: connect: connection refused', 'retry', 'akeyless_database_unreachable'],
    [500, 'failed to get derived key: the customer fragment service answered 404', 'fatal', 'akeyless_fragment_lost'],
    [400, 'customer fragment: status 500', 'retry', 'akeyless_fragment_crashed'],
    [500, 'failed to get derived key: Get "https://fragment:4040/api/derived-key": EOF', 'retry', 'akeyless_fragment_unreachable'],
    [500, 'internal error', 'retry', 'akeyless_unavailable'],
    [408, '', 'retry', 'akeyless_unavailable'],
    [404, '', 'fatal', 'akeyless_wrong_url'],
    [400, '', 'fatal', 'akeyless_wrong_url'],
    [307, '', 'fatal', 'akeyless_wrong_url'],
    [503, '', 'retry', 'akeyless_unavailable'],
  ])('%i %s is %s, %s', (status, text, classification, code) => {
    const error = classifyError({ status, body: { error: text }, error: new Error('SDK') }, write);
    expect(error).toMatchObject({ classification, code });
    // The client, which knows the address, says what is wrong with it.
    if (code !== 'akeyless_wrong_url') expect(error.remedy).toBeTruthy();
  });

  it('waits as asked', () => {
    const busy = { status: 429, response: { headers: { 'retry-after': '5' } }, error: new Error('SDK') };
    expect(classifyError(busy, read)).toMatchObject({ classification: 'retry', retryAfterMs: 5_000 });
    expect(classifyError({ status: 429 }, read)).toMatchObject({ classification: 'retry', retryAfterMs: 2_000 });
  });

  it('passes on nothing of the request, and no secret that the text repeats', () => {
    const rejection = {
      status: 400,
      body: { error: 'bad value s3cret-pwd for token t-123456' },
      response: { request: { _data: { token: 't-123456', pwd: 's3cret-pwd' } } },
      error: Object.assign(new Error('Bad Request'), { response: { text: 's3cret-pwd' } }),
    };
    const error = classifyError(rejection, { ...write, sends: ['s3cret-pwd', 't-123456'] });
    expect(error.message).toContain('bad value [secret] for token [secret]');
    expect(`${error.stack ?? ''}${JSON.stringify(error)}`).not.toMatch(/s3cret-pwd|t-123456/);
    expect(error.cause).toBeUndefined();
  });
});

describe('no answer', () => {
  const failed = (code: string) => ({ error: Object.assign(new Error(code), { code }) });

  it.each([
    ['ECONNREFUSED', write, 'retry', 'akeyless_unreachable'],
    ['ECONNRESET', write, 'lost', 'akeyless_answer_lost'],
    ['ECONNRESET', read, 'retry', 'akeyless_unreachable'],
    ['ENOTFOUND', write, 'retry', 'akeyless_unreachable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', write, 'fatal', 'akeyless_untrusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', write, 'fatal', 'akeyless_untrusted'],
  ])('%s on %j is %s, %s', (code, call, classification, expected) => {
    expect(classifyError(failed(code), call)).toMatchObject({ classification, code: expected, remedy: expect.any(String) });
  });

  it('is lost where a write ran into its deadline', () => {
    expect(classifyError(AbortSignal.abort().reason, write)).toMatchObject({ classification: 'lost' });
  });
});

it('leaves what is classified as it is', () => {
  const error = new StepError('fatal', 'secret_not_found', 'no');
  expect(classifyError(error, read)).toBe(error);
});
