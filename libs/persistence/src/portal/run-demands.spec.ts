import { cancelRun, getEntity, requestRun, retryRun, undoRun } from '@slipway/portal';
import { ada, admin, bob, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

describe('cancel, undo and retry', () => {
  let scene: PortalScene;
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());

  const demand = { cancel: cancelRun, undo: undoRun, retry: retryRun };
  const ask = (what: keyof typeof demand, runId: string, principal = admin) => demand[what](scene, { principal, runId });
  const statusOf = async (identifier: string) =>
    (await getEntity(scene, { principal: admin, entity: { blueprint: 'service', identifier } })).status;
  const inboxOf = async (runId: string) =>
    (await scene.database.pool.query('SELECT kind FROM inbox WHERE run_id = $1 ORDER BY id', [runId])).rows.map(
      (row) => row.kind,
    );

  it('reach the inbox, and a worker is asked to look', async () => {
    const run = await scene.deploy('cancelled');
    const kicks = scene.kicks();
    await expect(ask('cancel', run.id)).resolves.toMatchObject({ id: run.id, status: 'QUEUED' });
    await ask('cancel', run.id);
    expect(await inboxOf(run.id)).toEqual(['cancel']);
    const posted = await scene.database.pool.query('SELECT 1 FROM outbox WHERE run_id = $1', [run.id]);
    expect(posted.rowCount).toBe(2);
    expect(scene.kicks()).toBe(kicks + 2);
  });

  it.each([
    ['undo', 'QUEUED'],
    ['retry', 'QUEUED'],
    ['cancel', 'SUCCEEDED'],
    ['undo', 'SUCCEEDED'],
    ['retry', 'SUCCEEDED'],
    ['cancel', 'FAILED'],
    ['cancel', 'CANCELLED'],
  ] as const)('%s makes no sense for a run that is %s', async (what, status) => {
    const run = await scene.deploy(`${what}-${status.toLowerCase()}`);
    if (status !== 'QUEUED') await scene.end(run.id, status, [{}]);
    await expect(ask(what, run.id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`is ${status}`) });
    expect(await inboxOf(run.id)).toEqual([]);
  });

  it.each([
    ['undo', 'retry'],
    ['retry', 'undo'],
  ] as const)('after %s that no worker has read yet, %s is refused until it has ended', async (first, second) => {
    const run = await scene.deploy(`first-${first}`);
    await scene.end(run.id, 'FAILED', [{}]);
    await ask(first, run.id);
    const status = await statusOf(`first-${first}`);
    await expect(ask(second, run.id)).rejects.toMatchObject({
      code: 'conflict',
      message: `Run ${run.id} has been asked to ${first} already: wait until that has ended, then ask again.`,
    });
    await expect(ask(first, run.id)).resolves.toMatchObject({ id: run.id });
    expect(await inboxOf(run.id)).toEqual([first]);
    expect(await statusOf(`first-${first}`)).toBe(status);
    await scene.end(run.id, 'FAILED', [{}]);
    await ask(second, run.id);
    expect(await inboxOf(run.id)).toEqual([first, second]);
  });

  it('of retry and undo at once one is taken', async () => {
    const run = await scene.deploy('both-at-once');
    await scene.end(run.id, 'FAILED', [{}]);
    const results = await Promise.allSettled([ask('retry', run.id), ask('undo', run.id)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await inboxOf(run.id)).toHaveLength(1);
  });

  it.each(['retry', 'undo'] as const)('%s is taken beside an undo that nobody asked for', async (what) => {
    const run = await scene.deploy(`automatic-${what}`);
    await scene.end(run.id, 'FAILED', [{ state: 'REMOVE_FAILED' }]);
    await scene.database.pool.query(`INSERT INTO inbox (run_id, kind, body) VALUES ($1, 'undo', '{"automatic": true}')`, [run.id]);
    await ask(what, run.id);
    expect(await inboxOf(run.id)).toEqual(['undo', what]);
  });

  it('undo is for what left something standing', async () => {
    const clean = await scene.deploy('clean');
    await scene.end(clean.id, 'FAILED', [{ state: 'REMOVED' }]);
    await expect(ask('undo', clean.id)).rejects.toThrow(/nothing left to undo/);
    const dirty = await scene.deploy('dirty');
    await scene.end(dirty.id, 'FAILED', [{ state: 'REMOVE_FAILED' }]);
    await ask('undo', dirty.id);
    expect(await inboxOf(dirty.id)).toEqual(['undo']);
    await expect(scene.deploy('dirty')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('retry holds the name again, so that nobody takes it meanwhile', async () => {
    const run = await scene.deploy('again');
    await scene.end(run.id, 'FAILED');
    expect(await statusOf('again')).toBe('failed');
    await ask('retry', run.id);
    expect(await statusOf('again')).toBe('creating');
    await expect(scene.deploy('again')).rejects.toMatchObject({ code: 'conflict' });
    await scene.end(run.id, 'SUCCEEDED');
    expect(await statusOf('again')).toBe('ready');
  });

  it('retry comes too late when the name is another’s, and one of both at once wins', async () => {
    const run = await scene.deploy('contested');
    await scene.end(run.id, 'FAILED');
    const results = await Promise.allSettled([ask('retry', run.id), scene.deploy('contested')]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);

    const late = await scene.deploy('late');
    await scene.end(late.id, 'FAILED');
    await scene.deploy('late');
    await expect(ask('retry', late.id)).rejects.toThrow(/gone, or has been made anew since/);
  });

  it('retry of a DAY-2 run waits for no run but needs a ready entity', async () => {
    const made = await scene.deploy('patched');
    await scene.end(made.id, 'SUCCEEDED');
    const touch = await requestRun(scene, { principal: admin, action: 'touch', entity: 'patched', properties: {} });
    await scene.end(touch.id, 'FAILED');
    const removal = await requestRun(scene, {
      principal: admin,
      action: 'remove',
      entity: 'patched',
      properties: { confirm: 'patched' },
    });
    await expect(ask('retry', touch.id)).rejects.toThrow(`Run ${removal.id} (remove) is working on the service "patched"`);
    await scene.end(removal.id, 'FAILED', [{}]);
    await expect(ask('retry', touch.id)).rejects.toThrow(/is failed, and only a ready one can be changed/);
    await ask('retry', removal.id);
    expect(await statusOf('patched')).toBe('deleting');
  });

  it('a DELETE that was cancelled before it began leaves the service as it was, one that began does not', async () => {
    const remove = () => requestRun(scene, { principal: admin, action: 'remove', entity: 'spared', properties: { confirm: 'spared' } });
    await scene.end((await scene.deploy('spared')).id, 'SUCCEEDED', [{}]);
    for (const [begun, after] of [
      [false, 'ready'],
      [true, 'failed'],
      [false, 'failed'],
    ] as const) {
      const removal = await remove();
      expect(await statusOf('spared')).toBe('deleting');
      await scene.end(removal.id, 'CANCELLED', [], { begun });
      expect(await statusOf('spared')).toBe(after);
    }
  });

  it('know only runs that there are and that the caller may see', async () => {
    const run = await scene.deploy('hers', {}, ada);
    await expect(ask('cancel', run.id, bob)).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('cancel', 'r_00000000000000000000')).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('cancel', "x'; --\0")).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('cancel', run.id, ada)).resolves.toMatchObject({ id: run.id });
  });
});
