import { NotNow } from './not-now.js';
import { StepError } from './step-error.js';
import { type World, aWorld, never, step, until } from './testing/engine-world.js';

const hour = 3_600_000;

describe('undo', () => {
  it('holds no worker while the other side is still at it', async () => {
    const world = brokenWorld();
    let looks = 0;
    world.removals.set('one', async () => ((looks += 1) < 3 ? { outcome: 'pending', afterMs: 30_000, reason: 'deleting' } : { outcome: 'removed' }));
    const run = world.request(made('one'));
    await world.work(run);
    expect(world.store.look(run)).toMatchObject({
      run: { status: 'UNDOING' },
      resources: [{ state: 'CREATED', removal: { attempts: 0, reason: 'deleting' } }],
    });
    const { wakeAt } = world.store.look(run);
    expect((wakeAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(25_000);
    for (const expected of [2, 3]) {
      world.clock.aheadMs += 31_000;
      await world.work(run);
      expect(looks).toBe(expected);
    }
    expect(world.store.look(run)).toMatchObject({ run: { status: 'FAILED' }, resources: [{ state: 'REMOVED' }] });
  });

  it('holds no worker and uses up no try while the other side may not be called', async () => {
    const world = brokenWorld();
    let looks = 0;
    world.removals.set('one', async () => {
      if ((looks += 1) <= 8) throw new NotNow({ afterMs: 1, reason: 'GitHub asked for a pause.' });
      return { outcome: 'removed' };
    });
    const run = world.request(made('one'));
    await world.work(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'UNDOING' }, resources: [{ removal: { attempts: 0, reason: 'GitHub asked for a pause.' } }] });
    await world.toEnd(run);
    expect(world.store.look(run).resources).toMatchObject([{ state: 'REMOVED' }]);
  });

  it('tries again what may pass, six times, then goes on without it and says what stands', async () => {
    const world = brokenWorld();
    let tries = 0;
    world.removals.set('two', async () => {
      tries += 1;
      throw new StepError('retry', 'fake_busy', 'busy', { remedy: 'Call its owner.' });
    });
    const run = world.request(made('one', 'two'));
    await jumpToEnd(world, run);
    expect(tries).toBe(6);
    expect(world.removed).toEqual(['one']);
    expect(world.statuses(run)).toMatchObject({ one: 'UNDONE', two: 'UNDO_FAILED' });
    const { run: ended, resources } = world.store.look(run);
    expect(ended.failure?.remedy).toContain('Still to remove: Thing two.');
    expect(resources[1]).toMatchObject({ state: 'REMOVE_FAILED', note: 'busy Call its owner.', removal: { givenUp: 1 } });
  });

  it('gives up for now what is still there after five minutes', async () => {
    const world = brokenWorld();
    world.removals.set('one', async () => ({ outcome: 'pending', afterMs: 60_000, reason: 'a finalizer holds it' }));
    const run = world.request(made('one'));
    await jumpToEnd(world, run);
    expect(world.store.look(run).resources[0]).toMatchObject({ state: 'REMOVE_FAILED', note: expect.stringContaining('a finalizer holds it') });
  });

  it('is tried again by itself, ever more rarely, until everything is gone', async () => {
    const world = brokenWorld();
    world.stuck.add('one');
    const run = world.request(made('one'));
    await world.toEnd(run);
    const pauses: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const until = world.store.look(run).resources[0]?.removal?.until?.getTime() ?? 0;
      pauses.push(Math.round((until - world.clock.now().getTime()) / 60_000));
      world.clock.aheadMs = until - Date.now() + 1;
      const before = world.lines(run).length;
      world.store.tell(run, 'undo', { automatic: true });
      await world.toEnd(run);
      expect(world.lines(run).slice(before)).toEqual([expect.stringContaining('Could not remove Thing one: it is stuck')]);
      expect(world.statuses(run)['one']).toBe('UNDO_FAILED');
    }
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
    world.stuck.clear();
    world.clock.aheadMs += 2 * hour;
    world.store.tell(run, 'undo', { automatic: true });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ one: 'UNDONE', last: 'FAILED' });
    expect(world.store.look(run).run).toMatchObject({ status: 'FAILED', failure: { code: 'fake_broken', remedy: 'Mend it.' } });
  });

  it('takes a right away before what could be made by it, though it was granted first', async () => {
    const world = brokenWorld();
    world.onMakeThing('call', 'fake:right');
    const run = world.request([step('right', 'call', { name: 'right' }), step('one', 'make', { name: 'one' }, ['right']), step('last', 'break', {}, ['one'])]);
    await world.toEnd(run);
    expect(world.removed).toEqual(['right', 'one']);
    expect(world.statuses(run)).toMatchObject({ right: 'UNDONE', one: 'UNDONE' });
  });

  it('of itself touches nothing that is to stay, nor before it is due', async () => {
    const world = brokenWorld();
    world.stuck.add('one');
    const kept = step('check', 'call', {}, ['two'], { onFailure: 'keep' });
    world.on('call', async () => ({ output: {} }));
    const run = world.request([step('one', 'make', { name: 'one' }), step('two', 'make', { name: 'two' }, ['one']), kept, step('last', 'break', {}, ['check'])]);
    await world.toEnd(run);
    expect(world.removed).toEqual(['two']);
    // Made anew by the retry, "two" is what the check that fails now keeps as evidence; "one" is not made again.
    const make = world.behaviour('make');
    world.on('make', async (ctx, input) => (input['name'] === 'one' ? { output: {} } : make(ctx, input)));
    world.on('call', async () => {
      throw new StepError('fatal', 'fake_unhealthy', 'unhealthy');
    });
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(world.store.look(run).resources.map(({ state }) => state)).toEqual(['REMOVE_FAILED', 'CREATED']);
    world.stuck.clear();
    world.store.tell(run, 'undo', { automatic: true });
    await world.toEnd(run);
    expect(world.removed).toEqual(['two']);
    world.clock.aheadMs += hour;
    world.store.tell(run, 'undo', { automatic: true });
    await world.toEnd(run);
    expect(world.removed).toEqual(['two', 'one']);
    expect(world.statuses(run)).toMatchObject({ two: 'SUCCEEDED', check: 'FAILED' });
    expect(world.store.look(run).resources.map(({ state }) => state)).toEqual(['REMOVED', 'CREATED']);
  });

  it('a cancelled run whose undo is completed later stays cancelled, and no failure is left', async () => {
    const world = aWorld();
    world.onMakeThing();
    world.on('call', () => new Promise(() => undefined));
    world.stuck.add('one');
    const run = world.request([step('one', 'make', { name: 'one' }), step('b', 'call', {}, ['one'])]);
    const working = world.work(run);
    await until(() => world.statuses(run)['b'] === 'RUNNING');
    world.store.tell(run, 'cancel');
    await working;
    expect(world.store.look(run).run).toMatchObject({ status: 'CANCELLED', failure: { code: 'undo_incomplete' } });
    world.stuck.clear();
    world.store.tell(run, 'undo');
    await world.toEnd(run);
    expect(world.store.look(run).run).toMatchObject({ status: 'CANCELLED', failure: null });
  });

  it('past the deadline, what to do is again about the deadline once nothing is left to remove', async () => {
    const world = aWorld();
    world.onMakeThing();
    world.on('call', () => new Promise(() => undefined));
    world.stuck.add('one');
    const run = world.request([step('one', 'make', { name: 'one' }), step('b', 'call', {}, ['one'])], { deadlineMs: 50 });
    await world.toEnd(run);
    expect(world.store.look(run).run.failure).toMatchObject({ code: 'run_deadline_passed', remedy: expect.stringContaining('Still to remove') });
    world.stuck.clear();
    world.store.tell(run, 'undo');
    await world.toEnd(run);
    expect(world.store.look(run).run.failure).toMatchObject({ code: 'run_deadline_passed', remedy: expect.stringContaining('deadline in the template') });
  });

  it('asked twice is done once', async () => {
    const world = brokenWorld();
    const run = world.request(made('one'), { onFailure: 'keep' });
    await world.toEnd(run);
    expect(world.things.size).toBe(1);
    world.store.tell(run, 'undo');
    world.store.tell(run, 'undo');
    await world.toEnd(run);
    expect(world.removed).toEqual(['one']);
    expect(world.lines(run).filter((line) => line.startsWith('Undo was asked for'))).toHaveLength(1);
    expect(world.store.look(run).run).toMatchObject({ status: 'FAILED', failure: { code: 'fake_broken' } });
  });

  it('a retry asked for with it goes on from where the undo ends', async () => {
    const world = brokenWorld();
    const run = world.request(made('one'), { onFailure: 'keep' });
    await world.toEnd(run);
    world.on('break', async () => ({ output: {} }));
    world.store.tell(run, 'undo');
    world.store.tell(run, 'retry');
    world.removals.set('one', async () => (world.things.delete('one') ? { outcome: 'pending', afterMs: 1, reason: 'going' } : { outcome: 'absent' }));
    await world.toEnd(run);
    expect(world.enqueued.at(-1)).toBe(run);
    expect(world.store.look(run).resources[0]?.state).toBe('REMOVED');
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ one: 'SUCCEEDED', last: 'SUCCEEDED' });
    expect([...world.things.keys()]).toEqual(['one']);
  });

  it('of itself gives way to a retry that a person asked for', async () => {
    const world = brokenWorld();
    world.stuck.add('one');
    const run = world.request(made('one'));
    await world.toEnd(run);
    world.clock.aheadMs += hour;
    world.store.tell(run, 'undo', { automatic: true });
    world.store.tell(run, 'retry');
    world.on('break', async () => ({ output: {} }));
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expect(world.store.look(run).resources[0]).toMatchObject({ state: 'CREATED', removal: null });
  });

  it('counts a try whose worker was lost in the middle', async () => {
    const world = brokenWorld();
    let hang = true;
    let tries = 0;
    world.removals.set('one', async () => {
      tries += 1;
      if (hang) await new Promise(() => undefined);
      return { outcome: 'removed' };
    });
    const run = world.request(made('one'));
    const first = world.work(run);
    await until(() => tries === 1);
    world.store.expireLease(run);
    hang = false;
    const second = { ...world.deps, owner: 'other' };
    const { advance } = await import('./advance.js');
    await advance(second, run, never);
    expect(world.store.look(run).resources[0]).toMatchObject({ removal: { attempts: 1 } });
    world.clock.aheadMs += 60_000;
    await world.toEnd(run);
    await first;
    expect(world.store.look(run)).toMatchObject({ run: { status: 'FAILED' }, resources: [{ state: 'REMOVED' }] });
  });

  it('is handed over without a try when its worker is told to stop', async () => {
    const world = brokenWorld();
    world.deps.graceMs = 5;
    let tries = 0;
    world.removals.set('one', () => {
      tries += 1;
      return tries === 1 ? new Promise(() => undefined) : Promise.resolve({ outcome: 'removed' as const });
    });
    const run = world.request(made('one'));
    const stop = new AbortController();
    const working = world.work(run, stop.signal);
    await until(() => tries === 1);
    stop.abort(new Error('stop'));
    await working;
    expect(world.store.look(run).resources[0]).toMatchObject({ removal: { attempts: 0, until: expect.anything() } });
    await world.toEnd(run);
    expect(world.store.look(run).resources[0]?.state).toBe('REMOVED');
  });

  it('waits for a worker that knows the kind, then gives it up and says what to configure', async () => {
    const world = brokenWorld();
    world.on('make', async (ctx) => {
      await ctx.resources.plan({ kind: 'new:thing', externalId: 'one', title: 'New thing' });
      return { output: {} };
    });
    const run = world.request(made('one'));
    await world.work(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'UNDOING' }, resources: [{ removal: { attempts: 0 } }] });
    await jumpToEnd(world, run);
    expect(world.store.look(run).resources[0]).toMatchObject({ state: 'REMOVE_FAILED', note: expect.stringContaining('new:thing') });
  });

  it('keeps to the bound on what runs at the same time', async () => {
    const world = brokenWorld();
    world.deps.maxParallel = 2;
    let together = 0;
    let most = 0;
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) {
      world.removals.set(name, async () => {
        most = Math.max(most, (together += 1));
        await new Promise((resolve) => setTimeout(resolve, 2));
        together -= 1;
        return { outcome: 'removed' };
      });
    }
    const run = world.request([...names.map((name) => step(name, 'make', { name })), step('last', 'break', {}, names)]);
    await world.toEnd(run);
    expect(most).toBe(2);
    expect(world.store.look(run).resources.map(({ state }) => state)).toEqual(names.map(() => 'REMOVED'));
  });
});

/** A step per thing, one after the other, then one that fails. */
function made(...names: string[]) {
  const makers = names.map((name, index) => step(name, 'make', { name }, index === 0 ? [] : [names[index - 1]!]));
  return [...makers, step('last', 'break', {}, names)];
}

function brokenWorld(): World {
  const world = aWorld();
  world.onMakeThing();
  world.on('break', async () => {
    throw new StepError('fatal', 'fake_broken', 'broken', { remedy: 'Mend it.' });
  });
  return world;
}

/** As if the time until the next wake had passed, again and again. */
async function jumpToEnd(world: World, run: string): Promise<void> {
  await world.work(run);
  await until(async () => {
    const { wakeAt, run: now } = world.store.look(run);
    if (now.status === 'FAILED' || now.status === 'CANCELLED') return true;
    if (wakeAt) world.clock.aheadMs = Math.max(world.clock.aheadMs, wakeAt.getTime() - Date.now() + 1);
    await world.work(run);
    return false;
  });
}
