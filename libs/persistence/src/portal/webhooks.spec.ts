import { applyRepositoryEvent, getEntity, listPendingDeliveries, type RepositoryEvent, receiveWebhook } from '@slipway/portal';
import { admin, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

describe('webhooks', () => {
  let scene: PortalScene;
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());

  let deliveries = 0;
  async function store(): Promise<{ provider: string; deliveryId: string }> {
    const id = { provider: 'github', deliveryId: `d-${++deliveries}` };
    await receiveWebhook(scene, { ...id, event: 'push', body: Buffer.from('{}') });
    return id;
  }

  function push(sha: string, at: string, externalId: string, branch = 'main'): RepositoryEvent {
    const commit = { sha, message: `Commit ${sha}`, author: 'ada', url: `https://git.example/${sha}`, at };
    return { event: 'push', repository: { kind: 'github:repository', externalId }, branch, defaultBranch: 'main', commit };
  }

  const apply = async (event: RepositoryEvent) => applyRepositoryEvent(scene, { delivery: await store(), event, signal: null });
  const latest = async (identifier: string) =>
    (await getEntity(scene, { principal: admin, entity: { blueprint: 'service', identifier } })).properties['latest_commit'];

  it('are stored once, with the bytes that were signed', async () => {
    const delivery = { provider: 'github', deliveryId: 'same', event: 'push', body: Buffer.from([0, 255, 10]) };
    const answers = await Promise.all(Array.from({ length: 5 }, () => receiveWebhook(scene, delivery)));
    expect(answers.sort()).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'stored']);
    expect(await listPendingDeliveries(scene, { olderThanMs: 0 })).toContainEqual(delivery);
    expect(await listPendingDeliveries(scene, { olderThanMs: 60_000 })).toEqual([]);
  });

  it('show an entity’s latest commit, whatever the order in which they come', async () => {
    const run = await scene.deploy('pushed');
    await scene.end(run.id, 'SUCCEEDED', [{ externalId: 'acme/pushed' }]);
    expect(await apply(push('b2', '2026-11-21T10:00:00Z', 'acme/pushed'))).toBe('applied');
    expect(await apply(push('a1', '2026-11-21T10:59:59+02:00', 'acme/pushed'))).toBe('older');
    expect(await latest('pushed')).toEqual({
      sha: 'b2',
      message: 'Commit b2',
      author: 'ada',
      url: 'https://git.example/b2',
      at: '2026-11-21T10:00:00Z',
    });
    const times = [5, 1, 9, 3, 7].map((minute) => `2026-11-21T11:0${minute}:00Z`);
    await Promise.all(times.map((at) => apply(push(at, at, 'acme/pushed'))));
    expect(await latest('pushed')).toMatchObject({ sha: '2026-11-21T11:09:00Z' });
  });

  it('keep the other properties, and finish the delivery with what came of it', async () => {
    const run = await scene.deploy('kept');
    await scene.end(run.id, 'SUCCEEDED', [{ externalId: 'acme/kept' }]);
    const delivery = await store();
    await applyRepositoryEvent(scene, { delivery, event: push('c', '2026-11-21T10:00:00Z', 'acme/kept'), signal: null });
    const entity = await getEntity(scene, { principal: admin, entity: { blueprint: 'service', identifier: 'kept' } });
    expect(entity.properties).toMatchObject({ repository: 'kept', latest_commit: { sha: 'c' } });
    const stored = await scene.database.pool.query(
      'SELECT outcome, processed_at FROM webhook_deliveries WHERE delivery_id = $1',
      [delivery.deliveryId],
    );
    expect(stored.rows).toEqual([{ outcome: 'applied', processed_at: expect.any(Date) }]);
  });

  it.each([
    ['a repository nobody here holds', push('x', '2026-11-21T10:00:00Z', 'acme/other'), 'unknown_repository'],
    ['another branch', push('x', '2026-11-21T10:00:00Z', 'acme/pushed', 'feature'), 'ignored: not the default branch'],
    ['anything else', { event: 'ignored', reason: 'ping' } as const, 'ignored: ping'],
  ])('leave everything as it is for %s', async (_what, event, outcome) => {
    const before = await latest('pushed');
    expect(await apply(event)).toBe(outcome);
    expect(await latest('pushed')).toEqual(before);
  });

  it('do not reach an entity whose repository is gone', async () => {
    const run = await scene.deploy('archived');
    await scene.end(run.id, 'SUCCEEDED', [{ externalId: 'acme/archived', state: 'KEPT' }]);
    expect(await apply(push('x', '2026-11-21T10:00:00Z', 'acme/archived'))).toBe('unknown_repository');
  });
});
