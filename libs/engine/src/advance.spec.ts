import { advance } from './advance.js';
import { StepError } from './step-error.js';
import { systemClock } from './system-clock.js';
import { aWorld, never, step, until } from './testing/engine-world.js';

describe('advance', () => {
  it('runs steps in order of need, what is free together, and hands outputs on', async () => {
    const world = aWorld();
    let together = 0;
    let most = 0;
    world.on('make', async (ctx, input) => {
      together += 1;
      most = Math.max(most, together);
      await until(() => together === 2 || ctx.stepId === 'c');
      ctx.log.info(`made ${String(input['name'])}`);
      return { output: { made: input['name'] } };
    });
    const run = world.request([step('a', 'make', { name: 'x' }), step('b', 'make', { name: 'y' }), step('c', 'make', { name: '$steps.a.output.made' }, ['a', 'b'])]);
    await world.toEnd(run);
    const { run: ended, steps, events } = world.store.look(run);
    expect(ended.status).toBe('SUCCEEDED');
    expect(most).toBe(3);
    expect(steps.find(({ id }) => id === 'c')?.output).toEqual({ made: 'x' });
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(statuses(events)).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  it('opens no workspace to write a message to the log, and opens it to list what it holds', async () => {
    const world = aWorld();
    let opened = 0;
    world.deps.workspaces.open = () => {
      opened += 1;
      return Promise.reject(new StepError('fatal', 'fake_no_files', 'no workspace here'));
    };
    const run = world.request([step('a', 'debug:log', { message: 'Hello' })]);
    await world.toEnd(run);
    expect(world.lines(run)).toContain('Hello');
    expect(world.statuses(run)).toEqual({ a: 'SUCCEEDED' });
    expect(opened).toBe(0);
    await world.toEnd(world.request([step('a', 'debug:log', { listWorkspace: true })], { entity: 'other' }));
    expect(opened).toBe(1);
  });

  it('tries again what may pass, and says so', async () => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      if (ctx.attempt < 3) throw new StepError('retry', 'fake_busy', `busy ${ctx.attempt}`);
      return { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    await world.toEnd(run);
    const { run: ended, steps, events } = world.store.look(run);
    expect(ended.status).toBe('SUCCEEDED');
    expect(steps[0]).toMatchObject({ status: 'SUCCEEDED', attempt: 3, failure: null, wait: null });
    expect(lines(events).filter((line) => line.includes('busy'))).toHaveLength(2);
  });

  it('gives up after the attempts it has, undoes what was made, deepest first, and tells what failed', async () => {
    const world = aWorld();
    world.on('make', async (ctx, input) => {
      await ctx.resources.plan({ kind: 'fake:thing', externalId: String(input['name']), title: `Thing ${String(input['name'])}` });
      world.things.set(String(input['name']), ctx.mark);
      await ctx.resources.created({ kind: 'fake:thing', externalId: String(input['name']), url: 'https://example.com' });
      return { output: {} };
    });
    world.on('break', async () => {
      throw new StepError('fatal', 'fake_denied', 'not allowed', { remedy: 'Ask for the right.' });
    });
    const run = world.request([step('a', 'make', { name: 'one' }), step('b', 'make', { name: 'two' }, ['a']), step('c', 'break', {}, ['b'])]);
    await world.toEnd(run);
    const { run: ended, steps, resources } = world.store.look(run);
    expect(ended).toMatchObject({ status: 'FAILED', failure: { code: 'fake_denied', message: 'c: not allowed', remedy: 'Ask for the right.' } });
    expect(steps.map(({ status }) => status)).toEqual(['UNDONE', 'UNDONE', 'FAILED']);
    expect(world.removed).toEqual(['two', 'one']);
    expect(resources.map(({ state }) => state)).toEqual(['REMOVED', 'REMOVED']);
    expect(world.things.size).toBe(0);
  });

  it('goes on past what cannot be removed, names it, and removes it when asked again', async () => {
    const world = aWorld();
    world.on('make', async (ctx, input) => {
      await ctx.resources.plan({ kind: 'fake:thing', externalId: String(input['name']), title: `Thing ${String(input['name'])}` });
      world.things.set(String(input['name']), ctx.mark);
      if (ctx.stepId === 'b') throw new StepError('fatal', 'fake_broken', 'broken');
      return { output: {} };
    });
    world.stuck.add('two');
    const run = world.request([step('a', 'make', { name: 'one' }), step('b', 'make', { name: 'two' }, ['a'])]);
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.remedy).toContain('Thing two');
    expect([...world.things.keys()]).toEqual(['two']);
    world.stuck.clear();
    world.store.tell(run, 'undo');
    await world.toEnd(run);
    expect(world.things.size).toBe(0);
    expect(world.store.look(run).run.status).toBe('FAILED');
  });

  it('goes on from the failed step when a retry is asked for', async () => {
    const world = aWorld();
    let broken = true;
    const calls: string[] = [];
    world.on('make', async (ctx) => {
      calls.push(ctx.stepId);
      if (ctx.stepId === 'b' && broken) throw new StepError('fatal', 'fake_broken', 'broken');
      return { output: {} };
    });
    const run = world.request([step('a', 'make'), step('b', 'make', {}, ['a'], { onFailure: 'keep' })]);
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('FAILED');
    broken = false;
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(world.store.look(run).run).toMatchObject({ status: 'SUCCEEDED', failure: null });
    expect(calls).toEqual(['a', 'b', 'b']);
  });

  it('tells a step when the run began, and the same after a retry', async () => {
    const world = aWorld();
    const began: Date[] = [];
    let broken = true;
    world.on('make', async (ctx) => {
      if (ctx.stepId === 'a') return { output: {} };
      began.push(ctx.runStartedAt);
      if (broken) throw new StepError('fatal', 'fake_broken', 'broken');
      return { output: {} };
    });
    const run = world.request([step('a', 'make'), step('b', 'make', {}, ['a'], { onFailure: 'keep' })]);
    await world.toEnd(run);
    const first = world.store.look(run).steps[0]?.startedAt;
    broken = false;
    world.clock.aheadMs = 30_000;
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(began).toEqual([first, first]);
  });

  it('sleeps without a worker while a step waits, and hands it its state', async () => {
    const world = aWorld();
    const seen: unknown[] = [];
    world.on('make', async (ctx) => {
      seen.push(ctx.state);
      return seen.length < 3 ? { wait: { afterMs: 5, reason: 'not ready', state: { looks: seen.length } } } : { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    await advance(world.deps, run, never);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'WAITING' }, wakeAt: expect.anything() });
    await world.toEnd(run);
    expect(seen).toEqual([undefined, { looks: 1 }, { looks: 2 }]);
    const { steps, events } = world.store.look(run);
    expect(steps[0]).toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
    expect(lines(events).filter((line) => line.startsWith('Waiting'))).toEqual(['Waiting: not ready']);
  });

  it('keeps its worker for a wait that is over sooner than another could have the run', async () => {
    const world = aWorld();
    world.deps.napMs = 250;
    let looks = 0;
    world.on('make', async () => (++looks < 3 ? { wait: { afterMs: 20, reason: 'not ready' } } : { output: {} }));
    const run = world.request([step('a', 'make')]);
    await advance(world.deps, run, never);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'SUCCEEDED' } });
    expect(looks).toBe(3);
  });

  it('a cancel that comes in a short wait ends it', async () => {
    const world = aWorld();
    world.deps.napMs = 10_000;
    world.on('make', async () => ({ wait: { afterMs: 3_000, reason: 'not ready' } }));
    const run = world.request([step('a', 'make')]);
    const working = advance(world.deps, run, never);
    await until(() => world.store.look(run).steps[0]?.status === 'WAITING');
    world.store.tell(run, 'cancel');
    await working;
    expect(world.store.look(run)).toMatchObject({ run: { status: 'CANCELLED' } });
  });

  it('cancel aborts the call in flight and undoes', async () => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      await ctx.resources.plan({ kind: 'fake:thing', externalId: 'one', title: 'Thing one' });
      world.things.set('one', ctx.mark);
      await systemClock.sleep(60_000, ctx.signal);
      return { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    const working = advance(world.deps, run, never);
    await until(() => world.things.size === 1);
    world.store.tell(run, 'cancel');
    await working;
    expect(world.store.look(run)).toMatchObject({ run: { status: 'CANCELLED' }, steps: [{ status: 'CANCELLED' }] });
    expect(world.things.size).toBe(0);
  });

  it('a cancel that comes as the run ends has no effect, and is not left lying', async () => {
    const world = aWorld();
    world.deps.heartbeatMs = 60_000;
    world.on('make', async () => {
      world.store.tell(run, 'cancel');
      return { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    await world.work(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    const { length } = world.store.look(run).events;
    await world.work(run);
    expect(await world.store.claim(run, 'somebody', 1_000)).toBeNull();
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expect(world.store.look(run).events).toHaveLength(length);
  });

  it('told to stop, it hands the run back whatever came into the inbox meanwhile', async () => {
    const world = aWorld();
    const stop = new AbortController();
    world.on('make', async () => {
      stop.abort(new Error('stop'));
      world.store.tell(run, 'cancel');
      return { output: {} };
    });
    const run = world.request([step('a', 'make'), step('b', 'make', {}, ['a'])]);
    await world.work(run, stop.signal);
    expect(world.enqueued).toEqual([run]);
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('CANCELLED');
  });

  it('a worker that lost its lease writes nothing more, and the next one completes the run', async () => {
    const world = aWorld();
    let calls = 0;
    world.on('make', async (ctx) => {
      calls += 1;
      if (calls === 1) await systemClock.sleep(60_000, ctx.signal);
      return { output: { by: calls } };
    });
    const run = world.request([step('a', 'make')]);
    const first = advance(world.deps, run, never);
    await until(() => calls === 1);
    world.store.expireLease(run);
    await advance({ ...world.deps, owner: 'other' }, run, never);
    await first;
    const { run: ended, steps, events } = world.store.look(run);
    expect(ended.status).toBe('SUCCEEDED');
    expect(steps[0]).toMatchObject({ status: 'SUCCEEDED', attempt: 2, output: { by: 2 } });
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  });

  it('on shutdown begins nothing new and hands the run back', async () => {
    const world = aWorld();
    const stop = new AbortController();
    const calls: string[] = [];
    world.on('make', async (ctx) => {
      calls.push(ctx.stepId);
      stop.abort();
      return { output: {} };
    });
    const run = world.request([step('a', 'make'), step('b', 'make', {}, ['a'])]);
    await advance(world.deps, run, stop.signal);
    expect(calls).toEqual(['a']);
    expect(world.store.look(run).run.status).toBe('RUNNING');
    await world.toEnd(run);
    expect(calls).toEqual(['a', 'b']);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it('ends past the deadline though a step ignores its signal', async () => {
    const world = aWorld();
    world.on('make', () => new Promise(() => undefined));
    const run = world.request([step('a', 'make')], { deadlineMs: 30 });
    await world.toEnd(run);
    expect(world.store.look(run).run).toMatchObject({ status: 'FAILED', failure: { code: 'run_deadline_passed' } });
  });

  it('notices what becomes due between its decision and its sleep', async () => {
    // However many times the clock is looked at in between: it moves on with each look.
    for (let deadlineMs = 30; deadlineMs < 36; deadlineMs += 1) {
      const world = aWorld();
      let looks = Date.now();
      world.deps.clock = { now: () => new Date((looks += 1)), sleep: (ms, signal) => world.clock.sleep(ms, signal) };
      world.on('make', () => new Promise(() => undefined));
      const run = world.request([step('a', 'make', {}, [], { timeoutMs: 60_000 })], { deadlineMs });
      await world.toEnd(run);
      expect(world.store.look(run).run.failure?.code).toBe('run_deadline_passed');
    }
  });

  it('fails an attempt that takes longer than its timeout', async () => {
    const world = aWorld();
    world.on('make', async (ctx) => (ctx.attempt === 1 ? new Promise(() => undefined) : { output: {} }));
    const run = world.request([step('a', 'make', {}, [], { timeoutMs: 20 })]);
    await world.toEnd(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'SUCCEEDED' }, steps: [{ attempt: 2 }] });
  });

  it('skips a step whose condition is false, and what needs it goes on', async () => {
    const world = aWorld();
    world.on('make', async () => ({ output: {} }));
    const run = world.request([step('a', 'make', {}, [], { if: false }), step('b', 'make', {}, ['a'])]);
    await world.toEnd(run);
    expect(world.store.look(run).steps.map(({ status }) => status)).toEqual(['SKIPPED', 'SUCCEEDED']);
  });

  it('takes secret values out of lines and failures, and refuses an output that holds one', async () => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      const value = await ctx.secrets.resolve('fake:one');
      ctx.log.info(`the value is ${value} or ${Buffer.from(value).toString('base64')}`);
      return { output: { leaked: value } };
    });
    const run = world.request([step('a', 'make')]);
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe('secret_in_output');
    expect(JSON.stringify(world.store.look(run))).not.toMatch(/hunter2-value|aHVudGVyMi12YWx1ZQ/);
  });

  it('DELETE walks the ledger of every run of the entity', async () => {
    const world = aWorld();
    world.on('make', async (ctx, input) => {
      await ctx.resources.plan({ kind: 'fake:thing', externalId: String(input['name']), title: `Thing ${String(input['name'])}` });
      world.things.set(String(input['name']), ctx.mark);
      return { output: {} };
    });
    await world.toEnd(world.request([step('a', 'make', { name: 'one' }), step('b', 'make', { name: 'two' }, ['a'])]));
    await world.toEnd(world.request([step('a', 'make', { name: 'three' })]));
    const removal = world.request([step('remove', 'resources:remove')]);
    await world.toEnd(removal);
    expect(world.removed).toEqual(['three', 'two', 'one']);
    expect(world.store.look(removal).steps[0]?.output).toEqual({ removed: 3 });
  });

  it('tells time by the store, so that workers whose clocks are apart agree on when a wait is over', async () => {
    const world = aWorld();
    let looks = 0;
    world.on('make', async () => ((looks += 1) === 1 ? { wait: { afterMs: 5, reason: 'not ready' } } : { output: {} }));
    const run = world.request([step('a', 'make')]);
    const ahead = { now: () => new Date(Date.now() + 20 * 60_000), sleep: systemClock.sleep };
    await advance({ ...world.deps, clock: ahead }, run, never);
    expect(world.store.look(run).wakeAt?.getTime()).toBeLessThan(Date.now() + 1_000);
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it('leaves out what a step logs faster than it could be stored, and says how much', async () => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      for (let line = 0; line < 1_000; line += 1) ctx.log.info('x'.repeat(10_000));
      return { output: {} };
    });
    const run = world.request([step('a', 'make')]);
    await world.toEnd(run);
    const lines = world.lines(run);
    const note = lines.find((line) => line.includes('left out'));
    const kept = lines.filter((line) => line.startsWith('xxx')).length;
    expect(kept).toBeGreaterThan(800);
    expect(note).toBe(`${1_000 - kept} lines are left out here: they came faster than they could be stored.`);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });
});

function statuses(events: Array<{ type: string; status?: unknown }>): unknown[] {
  return events.filter((event) => event.type === 'run').map((event) => event.status);
}

function lines(events: Array<{ type: string; message?: string }>): string[] {
  return events.flatMap((event) => (event.type === 'log' ? [event.message ?? ''] : []));
}
