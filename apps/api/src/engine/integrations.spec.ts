import { startApi, type StartedApi } from '../testing/start-api.js';

describe('/v1/engine/integrations', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  it('is for administrators', async () => {
    expect(await api.call('/v1/engine/integrations')).toMatchObject({ status: 200, body: { ok: true, integrations: expect.any(Array) as unknown[] } });
    const authorization = `Bearer ${api.memberToken}`;
    expect(await api.call('/v1/engine/integrations', { headers: { authorization } })).toMatchObject({ status: 403, body: { error: 'forbidden' } });
  });
});
