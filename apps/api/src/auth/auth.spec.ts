import { clientSecret, developer, startApi, type StartedApi } from '../testing/start-api.js';

describe('coming in', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  it.each([
    ['GET', '/v1/me'],
    ['GET', '/v1/actions'],
    ['POST', '/v1/actions/deploy/runs'],
    ['GET', '/v1/actions/runs/r_1/events'],
    ['GET', '/v1/blueprints/service/entities/shop'],
    ['POST', '/graphql'],
  ])('%s %s without a token is 401', async (method, route) => {
    const answer = await api.call(route, { method, anonymous: true, ...(method === 'POST' ? { body: {} } : {}) });
    expect(answer).toMatchObject({ status: 401, body: { ok: false, error: 'unauthorized', message: expect.any(String) } });
  });

  it.each([
    ['no token at all', 'Bearer'],
    ['another scheme', 'Basic abc'],
    ['a token of nobody', 'Bearer abc.def.ghi'],
    [
      'a token without signature',
      `Bearer ${unsigned({ sub: 'spec-admin', kind: 'client', roles: ['admin'], team: null, iss: 'slipway', exp: 4e9 })}`,
    ],
  ])('%s is 401', async (_name, authorization) => {
    expect((await api.call('/v1/me', { headers: { authorization } })).status).toBe(401);
  });

  it('a client credential gives a token that says it is a machine’s', async () => {
    const answer = await api.call('/v1/auth/access_token', {
      method: 'POST',
      anonymous: true,
      body: { clientId: 'spec-admin', clientSecret },
    });
    expect(answer).toMatchObject({ status: 200, body: { ok: true, tokenType: 'Bearer', expiresIn: 3_600 } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(Buffer.from(answer.body.accessToken.split('.')[1], 'base64url').toString())).toMatchObject({
      isMachine: true,
      sub: 'spec-admin',
    });
    expect((await api.call('/v1/me')).body).toEqual({
      ok: true,
      principal: { kind: 'client', id: 'spec-admin', team: null, roles: ['admin'] },
    });
  });

  it.each([
    ['a wrong secret', { clientId: 'spec-admin', clientSecret: 'wrong' }, 401, 'unauthorized'],
    ['an unknown client', { clientId: 'nobody', clientSecret }, 401, 'unauthorized'],
    ['no secret', { clientId: 'spec-admin' }, 422, 'invalid_input'],
    ['objects in place of texts', { clientId: { $ne: null }, clientSecret: [] }, 422, 'invalid_input'],
  ])('%s is refused', async (_name, body, status, error) => {
    expect(await api.call('/v1/auth/access_token', { method: 'POST', anonymous: true, body })).toMatchObject({
      status,
      body: { ok: false, error },
    });
  });

  describe('by a one-time link', () => {
    it('signs in once, by a cookie that scripts cannot read', async () => {
      const link = await newLink(api);
      const first = await api.call(link, { anonymous: true });
      expect(first).toMatchObject({ status: 303 });
      expect(first.headers.get('location')).toBe('/');
      const cookie = first.headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/^slipway_session=[\w-]{43}; .*HttpOnly; SameSite=Lax/);
      expect((await api.call('/v1/me', { anonymous: true, headers: { cookie: pair(cookie) } })).body.principal).toMatchObject({
        kind: 'user',
        id: developer.email,
      });

      const second = await api.call(link, { anonymous: true });
      expect(second.status).toBe(410);
      expect(second.text).toContain('no longer works');
      expect(second.headers.get('set-cookie')).toBeNull();
    });

    it('is given by administrators’ clients alone, and for known people', async () => {
      const asMember = { headers: { authorization: `Bearer ${api.memberToken}` } };
      expect(
        (await api.call('/v1/auth/sign_in_links', { method: 'POST', body: { email: developer.email }, ...asMember })).status,
      ).toBe(403);
      expect((await api.call('/v1/auth/sign_in_links', { method: 'POST', body: { email: 'nobody@example.com' } })).status).toBe(
        404,
      );
      expect((await api.call('/v1/auth/sign_in_links', { method: 'POST', body: { email: 'no address' } })).status).toBe(422);
    });

    it('without a token is a page that says so', async () => {
      const answer = await api.call('/auth/link', { anonymous: true });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8']);
    });

    it('changes things only from our own pages', async () => {
      const cookie = await signIn(api);
      const request = (headers: Record<string, string>) =>
        api.call('/v1/actions/deploy/runs', {
          method: 'POST',
          anonymous: true,
          headers: { cookie, ...headers },
          body: { properties: { app_name: 'by-cookie' } },
        });
      expect((await request({})).body.error).toBe('forbidden');
      expect((await request({ origin: 'https://evil.example' })).status).toBe(403);
      expect((await request({ 'sec-fetch-site': 'cross-site', origin: api.url })).status).toBe(403);
      expect((await request({ origin: api.url })).status).toBe(202);
    });

    it('ends when signing out', async () => {
      const cookie = await signIn(api);
      const out = await api.call('/v1/auth/sign_out', { method: 'POST', anonymous: true, headers: { cookie, origin: api.url } });
      expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
      expect((await api.call('/v1/me', { anonymous: true, headers: { cookie } })).status).toBe(401);
    });
  });
});

async function newLink(api: StartedApi): Promise<string> {
  const { body } = await api.call('/v1/auth/sign_in_links', { method: 'POST', body: { email: developer.email } });
  const url = new URL(body.url);
  expect(url.origin).toBe('http://slipway.example.com');
  return url.pathname + url.search;
}

async function signIn(api: StartedApi): Promise<string> {
  const answer = await api.call(await newLink(api), { anonymous: true });
  return pair(answer.headers.get('set-cookie') ?? '');
}

function pair(setCookie: string): string {
  return setCookie.split(';', 1)[0] ?? '';
}

function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
