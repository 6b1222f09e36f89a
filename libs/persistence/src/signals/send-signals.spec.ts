import { applyRepositoryEvents, receiveWebhook } from '@slipway/portal';
import type { StepRecord } from '@slipway/engine';
import { PostgresRunStore } from '../runs/run-store.js';
import { inTransaction } from '../portal/in-transaction.js';
import { createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';
import { sendSignals } from './send-signals.js';

describe('a signal', () => {
  let scene: PortalScene;
  let store: PostgresRunStore;
  beforeAll(async () => {
    scene = await createPortalScene();
    store = new PostgresRunStore(scene.database.pool);
  }, setUpMs);
  afterAll(() => scene.database.drop());

  const send = (key: string) => inTransaction(scene.database.pool, (connection) => sendSignals(connection, [{ key, body: { key } }]));

  async function claimed(name: string) {
    const run = await scene.deploy(name);
    const claim = await store.claim(run.id, 'worker', 60_000);
    const step = claim?.steps[0];
    if (!claim || !step) throw new Error(`Run ${run.id} cannot be claimed.`);
    await scene.database.pool.query('DELETE FROM outbox');
    return { claim, step, runId: run.id };
  }

  /** What the engine records of a step that begins to wait. */
  function asleep(step: StepRecord, signal: string): StepRecord {
    return { ...step, status: 'WAITING', wait: { for: 'wait', until: new Date(Date.now() + 3_600_000), reason: 'a signal', signal } };
  }

  const messages = async (runId: string) => (await scene.database.pool.query(`SELECT kind, body FROM inbox WHERE run_id = $1`, [runId])).rows;

  it('after its wait tells the run, and asks for a worker', async () => {
    const { claim, step, runId } = await claimed('after');
    await store.record(claim.lease, { steps: [asleep(step, 'after')] });
    expect(await send('after')).toEqual([runId]);
    expect(await messages(runId)).toEqual([{ kind: 'signal', body: { key: 'after' } }]);
    expect((await scene.database.pool.query('SELECT run_id FROM outbox')).rows).toEqual([{ run_id: runId }]);
  });

  it('before its wait is found by it', async () => {
    const { claim, step, runId } = await claimed('before');
    expect(await send('before')).toEqual([]);
    await store.record(claim.lease, { steps: [asleep(step, 'before')] });
    expect(await messages(runId)).toEqual([{ kind: 'signal', body: { key: 'before' } }]);
    expect(await store.signals('before', 0)).toMatchObject([{ key: 'before', body: { key: 'before' } }]);
  });

  it('at the same time as its wait is not lost, whichever comes first', async () => {
    for (let i = 0; i < 25; i++) {
      const key = `same-${i}`;
      const { claim, step, runId } = await claimed(`same-${String.fromCharCode(97 + i)}`);
      await Promise.all([store.record(claim.lease, { steps: [asleep(step, key)] }), send(key)]);
      expect(await messages(runId)).toEqual([{ kind: 'signal', body: { key } }]);
    }
  }, 60_000);

  it('of a webhook is sent once, with the end of its delivery, and rings', async () => {
    const { claim, step, runId } = await claimed('hooked');
    const key = 'github:check_run:acme/hooked';
    await store.record(claim.lease, { steps: [asleep(step, key)] });
    const delivery = { provider: 'github', deliveryId: 'hooked' };
    await receiveWebhook(scene, { ...delivery, event: 'check_run', body: Buffer.from('{}') });
    const command = { delivery, event: { event: 'ignored', reason: 'nothing to do' } as const, signal: { key, body: { action: 'completed' } } };
    await Promise.all([applyRepositoryEvents(scene, [command]), applyRepositoryEvents(scene, [command])]);
    expect(scene.rung).toEqual([runId]);
    expect(await store.signals(key, 0)).toMatchObject([{ body: { action: 'completed' } }]);
    expect(await messages(runId)).toHaveLength(1);
  });
});
