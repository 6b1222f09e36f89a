import { StepError } from './step-error.js';
import { aWorld, step, until } from './testing/engine-world.js';

const each = '$parameters.items';

describe('a step with each', () => {
  it('runs once per item, all that is free at the same time, and collects the outputs by name', async () => {
    const world = aWorld();
    let together = 0;
    world.on('make', async (_ctx, input) => {
      together += 1;
      await until(() => together === 3);
      return { output: input['name'] === 'b' ? { name: 'b', note: 'special' } : { name: input['name'] } };
    });
    const run = world.request([step('publish', 'make', { name: '$each.value' }, [], { each, name: 'Publish' })], { inputs: { items: ['a', 'b', 'c'] } });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ publish: 'SUCCEEDED', 'publish[0]': 'SUCCEEDED', 'publish[1]': 'SUCCEEDED', 'publish[2]': 'SUCCEEDED' });
    expect(world.store.look(run).steps[0]?.output).toEqual({ name: ['a', 'b', 'c'], note: ['special'] });
    const names = world.store.look(run).events.flatMap((event) => (event.type === 'step' && event.stepId === 'publish[1]' ? [event.name] : []));
    expect(new Set(names)).toEqual(new Set(['Publish [1]']));
  });

  it.each<[string, unknown, Record<string, string[]>]>([
    ['over an object hands out its keys and values', { eu: 'one', us: 'two' }, { made: ['eu', 'us'] }],
    ['over nothing is done at once', [], {}],
  ])('%s', async (_name, items, output) => {
    const world = aWorld();
    world.on('make', async (_ctx, input) => ({ output: { made: input['name'] } }));
    const run = world.request([step('a', 'make', { name: '$each.key' }, [], { each }), step('b', 'make', {}, ['a'])], { inputs: { items } });
    await world.toEnd(run);
    expect(world.store.look(run).steps[0]).toMatchObject({ status: 'SUCCEEDED', output });
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'each_not_iterable'],
    ['null', null, 'each_not_iterable'],
    ['more than 100 items', Array.from({ length: 101 }, () => 1), 'each_too_many'],
  ])('fails for good over %s', async (_name, items, code) => {
    const world = aWorld();
    const run = world.request([step('a', 'make', {}, [], { each })], { inputs: { items } });
    await world.toEnd(run);
    expect(world.store.look(run).run).toMatchObject({ status: 'FAILED', failure: { code } });
  });

  it('asks an `if` that speaks of the item for each, any other once for all', async () => {
    const world = aWorld();
    world.on('make', async (_ctx, input) => ({ output: { name: input['name'] } }));
    const perItem = step('a', 'make', { name: '$each.value.name' }, [], { each, if: '$each.value.on' });
    const once = step('b', 'make', {}, [], { each, if: '$parameters.wanted' });
    const run = world.request([perItem, once], { inputs: { items: [{ name: 'x', on: true }, { name: 'y', on: false }], wanted: false } });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'SUCCEEDED', 'a[0]': 'SUCCEEDED', 'a[1]': 'SKIPPED', b: 'SKIPPED' });
    expect(world.store.look(run).steps[0]?.output).toEqual({ name: ['x'] });
  });

  it('fails with its first failed item, undoes what the others made, and a retry runs what did not succeed', async () => {
    const world = aWorld();
    const calls: string[] = [];
    let broken = true;
    world.on('make', async (ctx, { name }) => {
      calls.push(ctx.stepId);
      if (name === 'b' && broken) throw new StepError('fatal', 'fake_broken', 'broken');
      return { output: { name } };
    });
    const run = world.request([step('a', 'make', { name: '$each.value' }, [], { each }), step('z', 'make', {}, ['a'])], {
      inputs: { items: ['a', 'b', 'c'] },
      onFailure: 'keep',
    });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'FAILED', 'a[0]': 'SUCCEEDED', 'a[1]': 'FAILED', 'a[2]': 'SUCCEEDED', z: 'CANCELLED' });
    expect(world.store.look(run).run.failure).toMatchObject({ code: 'fake_broken', message: 'a [1]: broken' });
    broken = false;
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expect(calls.sort()).toEqual(['a[0]', 'a[1]', 'a[1]', 'a[2]', 'z']);
    expect(world.store.look(run).steps[0]?.output).toEqual({ name: ['a', 'b', 'c'] });
  });

  it('undoes the things of its items, and a retry makes them again', async () => {
    const world = aWorld();
    let broken = true;
    world.onMakeThing();
    world.on('break', async () => {
      if (broken) throw new StepError('fatal', 'fake_broken', 'broken');
      return { output: {} };
    });
    const plan = [step('a', 'make', { name: '$each.value' }, [], { each }), step('b', 'break', {}, ['a'])];
    const run = world.request(plan, { inputs: { items: ['x', 'y'] } });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'UNDONE', 'a[0]': 'UNDONE', 'a[1]': 'UNDONE', b: 'FAILED' });
    expect(world.removed.sort()).toEqual(['x', 'y']);
    broken = false;
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expect([...world.things.keys()].sort()).toEqual(['x', 'y']);
  });

  it('cancelled in the middle, begins no further item and undoes what there is', async () => {
    const world = aWorld();
    world.deps.maxParallel = 1;
    world.onMakeThing();
    const run = world.request([step('a', 'make', { name: '$each.value' }, [], { each })], { inputs: { items: ['x', 'y', 'z'] } });
    world.deps.reach = async ({ at, stepId }) => {
      if (at === 'step:before-call' && stepId === 'a[1]') {
        world.store.tell(run, 'cancel');
        await until(() => world.lines(run).some((line) => line.startsWith('Cancel')));
      }
    };
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('CANCELLED');
    expect(world.statuses(run)).toMatchObject({ 'a[0]': 'UNDONE', 'a[2]': 'CANCELLED' });
    expect(world.things.size).toBe(0);
  });

  it('a worker lost in the middle costs the items nothing that was recorded', async () => {
    const world = aWorld();
    const calls: string[] = [];
    let hang = true;
    world.on('make', async (ctx, { name }) => {
      calls.push(ctx.stepId);
      if (name === 'b' && hang) await new Promise(() => undefined);
      return { output: { name } };
    });
    const run = world.request([step('a', 'make', { name: '$each.value' }, [], { each })], { inputs: { items: ['a', 'b'] } });
    const first = world.work(run);
    await until(() => world.statuses(run)['a[0]'] === 'SUCCEEDED' && calls.length === 2);
    hang = false;
    world.store.expireLease(run);
    await world.toEnd(run);
    await first;
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expect(calls.filter((id) => id === 'a[1]')).toHaveLength(2);
    expect(world.store.look(run).steps[0]).toMatchObject({ output: { name: ['a', 'b'] }, losses: 0 });
    expect(world.store.look(run).steps[2]).toMatchObject({ losses: 1, failures: 0 });
  });

  it('writers of the workspace come one after the other, in their order', async () => {
    const world = aWorld();
    const order: string[] = [];
    let checkpoints = 0;
    world.deps.workspaces = {
      open: () =>
        Promise.resolve({ workspace: '/w', template: '/t', checkpoint: () => Promise.resolve(`digest${(checkpoints += 1)}`), close: () => Promise.resolve() }),
    };
    world.on('write', async (ctx) => {
      order.push(ctx.stepId);
      if (ctx.stepId === 'a[0]' && ctx.attempt === 1) throw new StepError('retry', 'fake_busy', 'busy');
      return { output: {} };
    });
    const run = world.request([step('a', 'write', {}, [], { each })], { inputs: { items: [1, 2, 3] } });
    await world.toEnd(run);
    expect(order).toEqual(['a[0]', 'a[0]', 'a[1]', 'a[2]']);
    expect(world.store.look(run).run.workspaceDigest).toBe('digest3');
  });
});
