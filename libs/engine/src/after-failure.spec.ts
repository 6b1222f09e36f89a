import { StepError } from './step-error.js';
import { type World, aWorld, step, until } from './testing/engine-world.js';

const always = { when: 'always' as const, if: 'always()' };
const onFailure = { when: 'failure' as const, if: 'failure()' };

describe('steps that ask for always() or failure()', () => {
  it('after a failure run once nothing else does, before the way back; the first failure is the run’s', async () => {
    const world = brokenWorld();
    let finished = false;
    world.on('make', async (ctx) => {
      if (ctx.stepId === 'slow') {
        await until(() => world.statuses(run)['b'] === 'FAILED');
        expect(world.statuses(run)).toMatchObject({ clean: 'PENDING', tell: 'PENDING' });
        finished = true;
      } else if (ctx.stepId === 'tell') {
        expect(finished).toBe(true);
        throw new StepError('fatal', 'fake_late', 'late');
      }
      return { output: {} };
    });
    const plan = [
      step('tell', 'make', {}, ['c'], onFailure),
      step('clean', 'make', {}, ['c'], always),
      step('after', 'make', {}, ['clean'], always),
      step('slow', 'make'),
      step('b', 'break'),
      step('c', 'make', {}, ['b']),
    ];
    const run = world.request(plan);
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ tell: 'FAILED', clean: 'UNDONE', after: 'UNDONE', slow: 'UNDONE', b: 'FAILED', c: 'CANCELLED' });
    expect(world.store.look(run).run.failure?.code).toBe('fake_broken');
  });

  it('without a failure always() runs in its turn and failure() is skipped', async () => {
    const world = brokenWorld();
    world.on('make', async () => ({ output: {} }));
    const run = world.request([step('a', 'make'), step('b', 'make', {}, ['a'], always), step('c', 'make', {}, ['b'], onFailure), step('d', 'make', {}, ['c'])]);
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'SUCCEEDED', b: 'SUCCEEDED', c: 'SKIPPED', d: 'SUCCEEDED' });
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it('may wait, and be split into items', async () => {
    const world = brokenWorld();
    const polls: string[] = [];
    world.on('make', async (ctx) => {
      polls.push(ctx.stepId);
      return ctx.state ? { output: {} } : { wait: { afterMs: 2, reason: 'not yet', state: { seen: true } } };
    });
    const plan = [step('a', 'break'), step('b', 'make', {}, ['a'], { ...always, each: '$parameters.items' })];
    const run = world.request(plan, { inputs: { items: [1, 2] }, onFailure: 'keep' });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'FAILED', b: 'SUCCEEDED', 'b[0]': 'SUCCEEDED', 'b[1]': 'SUCCEEDED' });
    expect(polls.sort()).toEqual(['b[0]', 'b[0]', 'b[1]', 'b[1]']);
  });

  it('do not run after a cancel, nor past the deadline', async () => {
    const world = brokenWorld();
    world.on('make', () => new Promise(() => undefined));
    const plan = [step('a', 'make'), step('b', 'break', {}, ['a'], always)];
    const cancelled = world.request(plan);
    const working = world.work(cancelled);
    await until(() => world.statuses(cancelled)['a'] === 'RUNNING');
    world.store.tell(cancelled, 'cancel');
    await working;
    expect(world.statuses(cancelled)).toEqual({ a: 'CANCELLED', b: 'CANCELLED' });
    // Long enough that the step is under way by then, on a busy machine too.
    const late = world.request(plan, { deadlineMs: 1_000 });
    await world.toEnd(late);
    expect(world.statuses(late)).toEqual({ a: 'CANCELLED', b: 'CANCELLED' });
    expect(world.store.look(late).run.failure?.code).toBe('run_deadline_passed');
  });

  it('run past a failure only as long as the deadline allows, which is then not the cause', async () => {
    const world = brokenWorld();
    world.on('make', () => new Promise(() => undefined));
    const run = world.request([step('a', 'break'), step('b', 'make', {}, ['a'], always)], { deadlineMs: 50 });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'FAILED', b: 'CANCELLED' });
    expect(world.store.look(run).run.failure?.code).toBe('fake_broken');
  });

  it('go again with a retry, by what is true then', async () => {
    const world = brokenWorld();
    world.on('make', async () => ({ output: {} }));
    const run = world.request([step('a', 'break'), step('b', 'make', {}, ['a'], onFailure), step('c', 'make', {}, ['b'], always)], { onFailure: 'keep' });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'FAILED', b: 'SUCCEEDED', c: 'SUCCEEDED' });
    world.on('break', async () => ({ output: {} }));
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'SUCCEEDED', b: 'SKIPPED', c: 'SUCCEEDED' });
  });
});

function brokenWorld(): World {
  const world = aWorld();
  world.on('break', async () => {
    throw new StepError('fatal', 'fake_broken', 'broken');
  });
  return world;
}
