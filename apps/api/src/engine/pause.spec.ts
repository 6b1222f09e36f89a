import { startApi, type StartedApi } from '../testing/start-api.js';

describe('/v1/engine/pause', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const ready = async () => (await api.call('/health/ready', { anonymous: true })).body;

  it('pauses new runs and lets them go on, for administrators, and readiness says so', async () => {
    expect(await ready()).not.toHaveProperty('newRunsPausedSince');
    const paused = await api.call('/v1/engine/pause', { method: 'PUT', body: { reason: 'upgrading GitHub' } });
    expect(paused).toMatchObject({ status: 200, body: { ok: true, pause: { reason: 'upgrading GitHub', pausedBy: 'client:spec-admin' } } });
    expect(await ready()).toMatchObject({ ok: true, newRunsPausedSince: paused.body.pause.pausedAt });
    const again = await api.call('/v1/engine/pause', { method: 'PUT', body: { reason: 'still' } });
    expect(again.body.pause).toMatchObject({ reason: 'still', pausedAt: paused.body.pause.pausedAt });
    expect((await api.call('/v1/engine/pause', { method: 'DELETE' })).body).toEqual({ ok: true, resumed: true });
    expect((await api.call('/v1/engine/pause', { method: 'DELETE' })).body).toEqual({ ok: true, resumed: false });
    expect(await ready()).not.toHaveProperty('newRunsPausedSince');
  });

  it.each([
    ['PUT', { reason: 'why not' }],
    ['DELETE', undefined],
  ])('%s is refused to members', async (method, body) => {
    const authorization = `Bearer ${api.memberToken}`;
    expect(await api.call('/v1/engine/pause', { method, body, headers: { authorization } })).toMatchObject({ status: 403, body: { error: 'forbidden' } });
  });

  it('asks for a reason', async () => {
    expect((await api.call('/v1/engine/pause', { method: 'PUT', body: { reason: ' ' } })).status).toBe(422);
  });
});
