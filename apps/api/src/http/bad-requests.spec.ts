import { startApi, type StartedApi } from '../testing/start-api.js';

describe('requests that are not even right', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const post = (body: string, headers: Record<string, string> = {}) =>
    api.call('/v1/actions/deploy/runs', { method: 'POST', body, headers });

  it.each<[string, string, number, string]>([
    ['no JSON', '{"properties":', 400, 'bad_request'],
    ['__proto__', '{"properties":{"__proto__":{"x":1}}}', 400, 'bad_request'],
    ['constructor.prototype', '{"properties":{"constructor":{"prototype":{"x":1}}}}', 400, 'bad_request'],
    ['a body of 200,000 levels', `{"properties":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 400, 'bad_request'],
    ['an array in place of an object', '[]', 422, 'invalid_input'],
    ['a body over 1 MiB', JSON.stringify({ properties: { app_name: 'x'.repeat(1024 * 1024) } }), 413, 'payload_too_large'],
  ])('%s', async (_name, body, status, error) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, body: { ok: false, error, message: expect.any(String) } });
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('another media type is 415', async () => {
    expect(await post('app_name=x', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
      status: 415,
      body: { error: 'unsupported_media_type' },
    });
  });

  it('an unknown route is 404 in the same shape', async () => {
    expect(await api.call('/v1/nowhere')).toMatchObject({ status: 404, body: { ok: false, error: 'not_found' } });
    expect(await api.call('/v1/nowhere', { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: { ok: false, error: 'not_found' },
    });
    expect((await api.call('/v1/nowhere/%zz')).body).toMatchObject({ ok: false, error: 'bad_request' });
  });

  it('a defect is 500 with a trace id and nothing else', async () => {
    await api.database.pool.query('ALTER TABLE actions RENAME TO actions_away');
    const answer = await api.call('/v1/actions');
    await api.database.pool.query('ALTER TABLE actions_away RENAME TO actions');
    expect(answer).toMatchObject({ status: 500, body: { ok: false, error: 'internal', traceId: expect.any(String) } });
    expect(answer.text).not.toMatch(/actions_away|relation|at /);
  });
});
