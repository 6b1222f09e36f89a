import { NotNow } from './not-now.js';
import { Registry } from './registry.js';
import { StepError } from './step-error.js';
import { engineProvider } from './steps/provider.js';
import { type World, aWorld, step, until } from './testing/engine-world.js';

describe('attempts', () => {
  it('that fail use up what the step has; those its worker was lost in do not', async () => {
    const world = aWorld();
    let calls = 0;
    world.on('make', async () => {
      calls += 1;
      if (calls === 1) await new Promise(() => undefined);
      throw new StepError('retry', 'fake_busy', 'busy');
    });
    const run = world.request([step('a', 'make', {}, [], { retry: { attempts: 2, withinMs: 60_000 } })]);
    const lost = world.work(run);
    await until(() => calls === 1);
    world.store.expireLease(run);
    await world.toEnd(run);
    await lost;
    expect(world.store.look(run).steps[0]).toMatchObject({ status: 'FAILED', attempt: 3, failures: 2, losses: 1 });
  });

  it('are no more after ten lost workers', async () => {
    const world = aWorld();
    world.on('make', () => new Promise(() => undefined));
    const run = world.request([step('a', 'make')]);
    const lost: Promise<void>[] = [];
    for (let n = 1; n <= 10; n += 1) {
      lost.push(world.work(run));
      await until(() => world.store.look(run).steps[0]?.attempt === n);
      world.store.expireLease(run);
    }
    await world.toEnd(run);
    await Promise.all(lost);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'FAILED', failure: { code: 'step_lost_repeatedly' } }, steps: [{ attempt: 10, failures: 0 }] });
  });

  it('handed over by workers that are told to stop count as neither, twenty times over', async () => {
    const world = aWorld();
    world.deps.graceMs = 1;
    let calls = 0;
    world.on('make', () => ((calls += 1) > 20 ? Promise.resolve({ output: {} }) : new Promise(() => undefined)));
    const run = world.request([step('a', 'make')]);
    for (let n = 1; n <= 20; n += 1) {
      const stop = new AbortController();
      const working = world.work(run, stop.signal);
      await until(() => calls === n);
      stop.abort(new Error('stop'));
      await working;
      expect(world.store.look(run).steps[0]).toMatchObject({ status: 'WAITING', wait: { for: 'handover' } });
    }
    await world.toEnd(run);
    expect(world.store.look(run).steps[0]).toMatchObject({ status: 'SUCCEEDED', attempt: 21, failures: 0, losses: 0 });
  });

  it.each<[string, StepError, Parameters<typeof step>[4], string | null]>([
    ['may pass', new StepError('retry', 'fake_busy', 'busy'), {}, null],
    ['is unknown', new StepError('lost', 'fake_lost', 'lost'), {}, null],
    ['cannot pass', new StepError('fatal', 'fake_denied', 'denied'), {}, 'a: denied'],
    ['was the last it has', new StepError('retry', 'fake_busy', 'busy'), { retry: { attempts: 1, withinMs: 60_000 } }, 'a: busy'],
    ['is to be tried later than it may be', new StepError('retry', 'fake_busy', 'busy', { retryAfterMs: 30_000 }), { retry: { attempts: 3, withinMs: 20_000 } }, 'later than the 20 s'],
    ['is to be tried past the deadline', new StepError('retry', 'fake_busy', 'busy', { retryAfterMs: 61_000 }), { retry: { attempts: 3, withinMs: 900_000 } }, "after the run's deadline"],
  ])('one whose failure %s', async (_name, error, more, message) => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      if (ctx.attempt === 1) throw error;
      return { output: {} };
    });
    const run = world.request([step('a', 'make', {}, [], more)]);
    await world.toEnd(run);
    const { status, failure } = world.store.look(run).run;
    if (message === null) expect(status).toBe('SUCCEEDED');
    else expect(failure).toMatchObject({ code: error.code, message: expect.stringContaining(message) });
  });

  it('are not used up by a step that may not call yet, however often', async () => {
    const world = aWorld();
    let calls = 0;
    world.on('make', async () => {
      if ((calls += 1) <= 5) throw new NotNow({ afterMs: 1, reason: 'GitHub lets one write at a time.' });
      return { output: {} };
    });
    const run = world.request([step('a', 'make', {}, [], { retry: { attempts: 1, withinMs: 60_000 } })]);
    await world.work(run);
    expect(world.store.look(run).steps[0]).toMatchObject({ status: 'WAITING', wait: { for: 'held', reason: 'GitHub lets one write at a time.' } });
    await world.toEnd(run);
    expect(world.store.look(run).steps[0]).toMatchObject({ status: 'SUCCEEDED', attempt: 1, failures: 0 });
  });

  it('never come sooner than the other side asked for', async () => {
    const world = aWorld();
    world.on('make', async () => {
      throw new StepError('retry', 'fake_busy', 'busy', { retryAfterMs: 40_000 });
    });
    const run = world.request([step('a', 'make')]);
    await world.work(run);
    const until = world.store.look(run).steps[0]?.wait?.until.getTime() ?? 0;
    expect(until - Date.now()).toBeGreaterThan(39_000);
  });

  it('are not begun for a wait that would end past the deadline', async () => {
    const world = aWorld();
    const run = world.request([step('a', 'debug:wait', { minutes: 5 })]);
    await world.toEnd(run);
    expect(world.store.look(run).run.failure).toMatchObject({ code: 'wait_past_deadline' });
  });

  it('wait for a worker that knows the action', async () => {
    const world = aWorld();
    const run = world.request([step('a', 'new:thing')]);
    await world.work(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'WAITING' }, steps: [{ status: 'WAITING', attempt: 0, wait: { for: 'held' } }] });
    knowing(world);
    world.clock.aheadMs += 10_000;
    await world.toEnd(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'SUCCEEDED' }, steps: [{ attempt: 1, failures: 0 }] });
  });

  it('fail where no worker has known the action for five minutes', async () => {
    const world = aWorld();
    const run = world.request([step('a', 'new:thing')], { deadlineMs: 3_600_000 });
    await world.work(run);
    world.clock.aheadMs += 290_000;
    await world.work(run);
    expect(world.statuses(run)).toEqual({ a: 'WAITING' });
    world.clock.aheadMs += 20_000;
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe('step_action_unknown');
  });

  it('of a writer begin from the last checkpoint, whatever the one before left behind', async () => {
    const world = aWorld();
    const opened: Array<string | null> = [];
    const closed: number[] = [];
    let checkpoints = 0;
    world.deps.workspaces = {
      open({ workspaceDigest }) {
        const number = opened.push(workspaceDigest);
        const checkpoint = () => Promise.resolve(`digest${(checkpoints += 1)}`);
        return Promise.resolve({ workspace: `/w${number}`, template: '/t', checkpoint, close: async () => void closed.push(number) });
      },
    };
    const folders: string[] = [];
    // Holds the run at this worker, which would open the workspace anew anyway if it had let go of it.
    world.on('make', async () => {
      await until(() => folders.length === 3);
      return { output: {} };
    });
    world.on('write', async (ctx) => {
      folders.push(ctx.files.workspace);
      if (ctx.stepId === 'b' && ctx.attempt === 1) throw new StepError('retry', 'fake_busy', 'busy');
      return { output: {} };
    });
    const run = world.request([step('a', 'write'), step('b', 'write', {}, ['a']), step('c', 'make')]);
    await world.toEnd(run);
    expect(world.store.look(run).run).toMatchObject({ status: 'SUCCEEDED', workspaceDigest: 'digest2' });
    expect(folders).toEqual(['/w1', '/w1', '/w2']);
    expect(opened).toEqual([null, 'digest1']);
    expect(closed).toEqual([1, 2]);
  });

  it('a refusal of the workspace itself is final, trouble with it is not', async () => {
    const world = aWorld();
    let opens = 0;
    world.deps.workspaces = {
      open() {
        opens += 1;
        return Promise.reject(opens === 1 ? new Error('disk full') : new StepError('fatal', 'archive_too_big', 'too big'));
      },
    };
    world.on('write', async () => ({ output: {} }));
    const run = world.request([step('a', 'write')]);
    await world.toEnd(run);
    expect(opens).toBe(2);
    expect(world.store.look(run).run.failure?.code).toBe('archive_too_big');
  });

  it('store neither a secret to remember nor one in what they wait for', async () => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      const value = await ctx.secrets.resolve('fake:one');
      if (ctx.stepId === 'b') return { wait: { afterMs: 1, reason: 'x', state: { value } } };
      return ctx.state ? { output: {} } : { wait: { afterMs: 1, reason: `for ${value}`, state: { looked: true } } };
    });
    const run = world.request([step('a', 'make'), step('b', 'make', {}, ['a'])]);
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe('secret_in_output');
    expect(JSON.stringify(world.store.look(run))).not.toContain('hunter2-value');
  });

  it('refuse an output that holds a value of the process itself', async () => {
    const world = aWorld();
    world.deps.processSecrets.add('token-of-the-process');
    world.on('make', async () => ({ output: { url: 'https://x:token-of-the-process@host' } }));
    const run = world.request([step('a', 'make')]);
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe('secret_in_output');
  });
});

/** A worker of the next version. */
function knowing(world: World): void {
  const { input, output } = world.deps.registry.step('make')!;
  const definition = { id: 'new:thing', description: '', input, output, workspace: 'none' as const, run: () => Promise.resolve({ output: {} }) };
  world.deps.registry = new Registry([{ name: 'new', steps: [definition], kinds: [] }, engineProvider()]);
}
