import { LeaseLost } from './ports/run-store.js';
import { systemClock } from './system-clock.js';
import { aWorld, step } from './testing/engine-world.js';

const hourMs = 3_600_000;

describe('a lease that is lost', () => {
  it('is let go before it can be another one’s, though the store says nothing any more', async () => {
    const world = aWorld();
    world.deps.leaseMs = 2_000;
    world.store.heartbeat = () => new Promise(() => undefined);
    const other = Promise.withResolvers<unknown>();
    world.on('make', async (ctx) => {
      ctx.signal.addEventListener('abort', () => other.resolve(world.store.claim(run, 'other', 1_000)));
      await systemClock.sleep(60_000, ctx.signal);
      return { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    await expect(world.work(run)).rejects.toThrow('could not be prolonged');
    expect(await other.promise).toBeNull();
  });

  it('stops a call before it begins, where that it would could not be recorded', async () => {
    const world = aWorld();
    let calls = 0;
    world.on('make', async () => ({ output: { calls: (calls += 1) } }));
    world.store.record = async ({ runId }) => {
      throw new LeaseLost(runId);
    };
    await world.work(world.request([step('a', 'make')]));
    expect(calls).toBe(0);
  });

  describe('in the middle of another look at what a step waits for', () => {
    /** A step that waits for ever, and loses its worker at the looks that `hangs` names. */
    function aWait(hangs: (look: number) => boolean) {
      const world = aWorld();
      let looks = 0;
      let hung = Promise.withResolvers<void>();
      world.on('make', async (ctx) => {
        looks += 1;
        if (hangs(looks)) {
          hung.resolve();
          await systemClock.sleep(60_000, ctx.signal);
        }
        return { wait: { afterMs: hourMs, reason: 'it is not there yet' } };
      });
      const run = world.request([step('a', 'make')], { deadlineMs: 100 * hourMs });
      const look = async (): Promise<void> => {
        hung = Promise.withResolvers();
        world.clock.aheadMs += hourMs;
        // In one turn: the worker that hangs goes on prolonging it.
        world.store.expireLease(run);
        await Promise.race([world.work(run), hung.promise]);
      };
      return { world, look, found: () => world.store.look(run) };
    }

    it('counts, and ten in a row are enough', async () => {
      const { look, found } = aWait((at) => at > 1);
      for (let time = 0; time <= 10; time += 1) await look();
      expect(found().steps[0]).toMatchObject({ status: 'WAITING', losses: 9 });
      await look();
      expect(found().run).toMatchObject({ status: 'FAILED', failure: { code: 'step_lost_repeatedly' } });
    });

    it('is forgotten once a look came back', async () => {
      const { look, found } = aWait((at) => at === 2 || at === 3);
      for (let time = 0; time < 3; time += 1) await look();
      expect(found().steps[0]).toMatchObject({ status: 'WAITING', losses: 1 });
      await look();
      expect(found().steps[0]).toMatchObject({ status: 'WAITING', losses: 0 });
    });
  });
});
