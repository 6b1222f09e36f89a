import { StepError } from './step-error.js';
import type { ReceivedSignal, StepContext } from './step-definition.js';
import { aWorld, step, until } from './testing/engine-world.js';

const key = 'deployed:shop';
const minute = 60_000;

describe('a wait for a signal', () => {
  it('ends at once where the signal came before', async () => {
    const world = aWorld();
    world.store.send(key, { sha: 'abc' });
    const run = world.request([step('a', 'signal:wait', { key, within: { minutes: 30 } })]);
    await world.work(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'SUCCEEDED' }, steps: [{ output: { body: { sha: 'abc' } } }] });
  });

  it('holds no worker and ends with the signal, for every step that waits for it', async () => {
    const world = aWorld();
    const run = world.request([
      step('a', 'signal:wait', { key, within: { minutes: 30 } }),
      step('b', 'signal:wait', { key, within: { minutes: 30 } }),
      step('c', 'signal:wait', { key: 'other', within: { minutes: 30 } }),
    ]);
    await world.work(run);
    expect(world.store.look(run).run.status).toBe('WAITING');
    world.store.send(key, {});
    await world.work(run);
    expect(world.statuses(run)).toEqual({ a: 'SUCCEEDED', b: 'SUCCEEDED', c: 'WAITING' });
  });

  it('hands each signal over once', async () => {
    const world = aWorld();
    const handed: unknown[][] = [];
    world.on('make', async (ctx) => {
      handed.push(bodies(ctx));
      return handed.flat().length < 3 ? { wait: { afterMs: 10 * minute, reason: 'three are needed', signal: key } } : { output: {} };
    });
    world.store.send(key, 1);
    const run = world.request([step('a', 'make')], { deadlineMs: 90 * minute });
    await world.work(run);
    expect(handed).toEqual([[], [1]]);
    world.store.send(key, 2);
    world.store.send(key, 3);
    await world.work(run);
    expect(handed).toEqual([[], [1], [2, 3]]);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'SUCCEEDED' }, steps: [{ attempt: 1 }] });
  });

  it('is not lost where the call that got the signal fails, and does not cut the pause short', async () => {
    const world = aWorld();
    const handed: unknown[][] = [];
    world.on('make', async (ctx) => {
      handed.push(bodies(ctx));
      if (handed.length === 1) return { wait: { afterMs: minute, reason: 'not yet', signal: key, state: { n: 1 } } };
      if (handed.length === 2) throw new StepError('retry', 'fake_busy', 'busy', { retryAfterMs: 20_000 });
      expect(ctx.state).toEqual({ n: 1 });
      return { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    await world.work(run);
    world.store.send(key, 1);
    await world.work(run);
    world.store.send(key, 2);
    await world.work(run);
    expect(handed).toEqual([[], [1]]);
    expect(world.store.look(run).steps[0]).toMatchObject({ status: 'WAITING', wait: { for: 'retry', signal: key } });
    world.clock.aheadMs += 25_000;
    await world.work(run);
    expect(handed).toEqual([[], [1], [1, 2]]);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it('hears the bell at once while something else is under way', async () => {
    const world = aWorld();
    world.deps.heartbeatMs = 60_000;
    let ring = (): void => undefined;
    world.deps.bell = {
      subscribe: (_runId, listener) => {
        ring = listener;
        return () => (ring = () => undefined);
      },
    };
    world.on('make', async () => {
      await until(() => world.statuses(run)['a'] === 'WAITING');
      world.store.send(key, {});
      ring();
      await until(() => world.statuses(run)['a'] === 'SUCCEEDED');
      return { output: {} };
    });
    const run = world.request([step('a', 'signal:wait', { key, within: { minutes: 30 } }), step('b', 'make')]);
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });
});

function bodies(ctx: StepContext): unknown[] {
  return ctx.signals.map((signal: ReceivedSignal) => signal.body);
}
