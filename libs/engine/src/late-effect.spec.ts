import type { StepContext } from './step-definition.js';
import { StepError } from './step-error.js';
import { aWorld, type World, step, until } from './testing/engine-world.js';

/** A call whose effect comes only once nobody waits for it any more. */
function makesLate(world: World, lateByMs: number): void {
  world.on('make', async (ctx) => {
    await planned(ctx);
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    setTimeout(() => world.things.set('one', ctx.mark), lateByMs);
    throw ctx.signal.reason as Error;
  });
}

const planned = (ctx: StepContext): Promise<void> => ctx.resources.plan({ kind: 'fake:thing', externalId: 'one', title: 'Thing one' });

describe('a call that takes effect after it was broken off', () => {
  it('leaves nothing behind where the run was cancelled', async () => {
    const world = aWorld();
    world.deps.settleMs = 300;
    makesLate(world, 50);
    const run = world.request([step('a', 'make')]);
    const working = world.work(run);
    await until(() => world.store.look(run).resources.length === 1);
    world.store.tell(run, 'cancel');
    await working;
    await world.toEnd(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'CANCELLED' }, resources: [{ state: 'REMOVED' }] });
    expect(world.removed).toEqual(['one', 'one']);
    expect(world.things.size).toBe(0);
  });

  it('leaves nothing behind where the last attempt took too long', async () => {
    const world = aWorld();
    world.deps.settleMs = 300;
    makesLate(world, 50);
    const run = world.request([step('a', 'make', {}, [], { timeoutMs: 50, retry: { attempts: 1, withinMs: 60_000 } })]);
    await world.toEnd(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'FAILED', failure: { code: 'step_timed_out' } }, resources: [{ state: 'REMOVED' }] });
    expect(world.things.size).toBe(0);
  });

  it('leaves nothing behind where its worker was lost, and the next one found the run cancelled', async () => {
    const world = aWorld();
    world.deps.settleMs = 300;
    makesLate(world, 50);
    const run = world.request([step('a', 'make')]);
    const lost = world.work(run);
    await until(() => world.store.look(run).resources.length === 1);
    world.store.expireLease(run);
    world.store.tell(run, 'cancel');
    await Promise.all([lost, world.toEnd(run)]);
    expect(world.store.look(run).run.status).toBe('CANCELLED');
    expect(world.things.size).toBe(0);
  });

  it('is not waited for where the other side has said that there is none', async () => {
    const world = aWorld();
    world.deps.settleMs = 3_600_000;
    world.on('make', async (ctx) => {
      await planned(ctx);
      throw new StepError('fatal', 'fake_refused', 'It may not be made.');
    });
    const run = world.request([step('a', 'make')]);
    await world.toEnd(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'FAILED' }, resources: [{ state: 'REMOVED' }] });
  });
});
