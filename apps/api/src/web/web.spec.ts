import { startApi, type StartedApi } from '../testing/start-api.js';

describe('what is served beside the API', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const open = (path: string, accept = 'text/html') => api.call(path, { anonymous: true, headers: { accept } });

  it.each(['/', '/runs/r_1', '/catalogue/service/shop', '/index.html'])('%s is the web app, behind its policy', async (path) => {
    const answer = await open(path);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('web app')]);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('assets are kept by browsers', async () => {
    const answer = await open('/assets/app.js', '*/*');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
  });

  it.each([
    ['/assets/none.js', '*/*'],
    ['/v1/nowhere', 'text/html'],
    ['/graphql/nowhere', 'text/html'],
    ['/favicon.ico', 'image/avif'],
    ['/..%2f..%2fconfig.yaml', '*/*'],
    ['/%2e%2e/config.yaml', '*/*'],
    ['/assets/..%2f..%2fkey', '*/*'],
  ])('%s is not there', async (path, accept) => {
    expect(await open(path, accept)).toMatchObject({ status: 404, body: { ok: false, error: 'not_found' } });
  });

  it('health names each dependency', async () => {
    expect((await open('/health/live')).body).toEqual({ ok: true });
    expect(await open('/health/ready')).toMatchObject({
      status: 200,
      body: { ok: true, dependencies: { postgres: { ok: true }, redis: { ok: true } } },
    });
  });

  it('metrics count requests by route pattern', async () => {
    await api.call('/v1/actions/runs/r_secret-looking');
    const { text, headers } = await open('/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(
      /slipway_http_request_duration_seconds_count\{method="GET",route="\/v1\/actions\/runs\/:id",status="404"\} \d/,
    );
    expect(text).not.toContain('r_secret-looking');
  });
});
