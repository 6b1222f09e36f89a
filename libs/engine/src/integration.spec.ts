import { Integration, type Turn } from './integration.js';
import type { Clock } from './ports/clock.js';
import { StepError } from './step-error.js';
import { aWorld, never, step, until } from './testing/engine-world.js';

const broken = new StepError('retry', 'fake_down', 'down');
const unknown = new StepError('lost', 'fake_lost', 'lost');
const denied = new StepError('fatal', 'fake_denied', 'denied');
const busy = new StepError('retry', 'fake_busy', 'busy', { retryAfterMs: 30_000 });

describe('the breaker', () => {
  it.each<[string, Array<StepError | 'answered' | null>, 'closed' | 'open']>([
    ['stays closed below five failures', [broken, broken, broken, broken], 'closed'],
    ['opens at the fifth in a row, lost ones too', [broken, unknown, broken, unknown, broken], 'open'],
    ['counts anew after an answer', [broken, broken, broken, broken, 'answered', broken], 'closed'],
    ['takes a refusal for an answer', [broken, broken, broken, broken, denied, broken], 'closed'],
    ['does not count who says when to come back', [busy, busy, busy, busy, busy, busy], 'closed'],
    ['learns nothing from what was broken off', [null, null, null, null, null], 'closed'],
  ])('%s', (_name, outcomes, expected) => {
    const { integration } = anIntegration();
    for (const outcome of outcomes) turnOf(integration).end(outcome);
    expect(integration.state().breaker).toBe(expected);
  });

  it('pauses 10 s, doubling up to 60, and lets one call at a time find out whether it is back', () => {
    const { integration, clock } = anIntegration();
    for (let n = 0; n < 5; n += 1) turnOf(integration).end(broken);
    for (const pause of [10, 20, 40, 60, 60]) {
      clock.ms += pause * 1_000 - 1;
      expect(integration.enter()).toMatchObject({ reason: expect.stringContaining('fake failed') });
      clock.ms += 1;
      const probe = turnOf(integration);
      expect(integration.enter()).toMatchObject({ reason: expect.stringContaining('one call is finding out') });
      probe.end(broken);
      expect(integration.state().breaker).toBe('open');
    }
    clock.ms += 60_000;
    turnOf(integration).end(null);
    turnOf(integration).end('answered');
    expect(integration.state()).toMatchObject({ breaker: 'closed', until: null });
    for (let n = 0; n < 5; n += 1) turnOf(integration).end(broken);
    clock.ms += 10_000;
    expect(integration.state().breaker).toBe('probing');
  });

  it('turns away those in line for a slot when it opens', async () => {
    const { integration } = anIntegration(1);
    const turns = Array.from({ length: 6 }, () => turnOf(integration));
    await turns[0]?.begin(never);
    const second = turns[1]!.begin(never);
    for (const turn of turns.slice(2)) turn.end(broken);
    turns[0]?.end(broken);
    expect(await second).toMatchObject({ reason: expect.stringContaining('failed 5 times') });
  });
});

describe('the slots', () => {
  it('are given in order of arrival, and back however often they are returned', async () => {
    const { integration } = anIntegration(2);
    const order: number[] = [];
    const turns = Array.from({ length: 5 }, () => turnOf(integration));
    const begun = turns.map((turn, n) => turn.begin(never).then(() => order.push(n)));
    await until(() => order.length === 2);
    expect(integration.state()).toMatchObject({ calling: 2, waiting: 3 });
    for (const [n, turn] of turns.entries()) {
      await begun[n];
      turn.end('answered');
      turn.end('answered');
    }
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(integration.state()).toMatchObject({ calling: 0, waiting: 0 });
  });

  it('leave the line with the signal', async () => {
    const { integration } = anIntegration(1);
    const first = turnOf(integration);
    await first.begin(never);
    const stop = new AbortController();
    const waiting = turnOf(integration);
    const begun = waiting.begin(stop.signal);
    stop.abort(new Error('stop'));
    await expect(begun).rejects.toThrow('stop');
    waiting.end(null);
    expect(integration.state()).toMatchObject({ calling: 1, waiting: 0 });
    first.end('answered');
    expect(integration.state().calling).toBe(0);
  });
});

describe('a run whose steps call an outside system', () => {
  it('waits for a slot with its own time not yet begun, and says so when that takes long', async () => {
    const world = aWorld();
    const calls: string[] = [];
    world.on('call', async (ctx) => {
      calls.push(ctx.stepId);
      if (ctx.stepId === 'a') await until(() => world.lines(run).some((line) => line.startsWith('Waiting for its turn')));
      return { output: {} };
    });
    const run = world.request([step('a', 'call'), step('b', 'call', {}, [], { timeoutMs: 200 })]);
    await world.toEnd(run);
    expect(calls).toEqual(['a', 'b']);
    expect(world.store.look(run).steps[1]).toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
  });

  it('does not call while the breaker is open, counts no attempt, and goes on by itself', async () => {
    const world = aWorld();
    let down = true;
    let calls = 0;
    world.on('call', async () => {
      calls += 1;
      if (down) throw new StepError('retry', 'fake_down', 'down');
      return { output: {} };
    });
    world.on('make', async () => ({ output: {} }));
    for (let n = 0; n < 5; n += 1) await world.work(world.request([step('a', 'call')], { entity: `other${n}` }));
    const run = world.request([step('a', 'call'), step('b', 'make')]);
    await world.work(run);
    expect(calls).toBe(5);
    expect(world.store.look(run).steps).toMatchObject([
      { status: 'WAITING', attempt: 0, failures: 0, wait: { for: 'held', reason: expect.stringContaining('outside failed 5 times in a row') } },
      { status: 'SUCCEEDED' },
    ]);
    expect(world.deps.integrations.states()).toMatchObject([{ name: 'outside', breaker: 'open' }]);
    down = false;
    world.clock.aheadMs += 21_000;
    await world.toEnd(run);
    expect(world.store.look(run)).toMatchObject({ run: { status: 'SUCCEEDED' }, steps: [{ attempt: 1, failures: 0 }, {}] });
  });

  it('turned away from the line it has begun nothing, and counts no attempt', async () => {
    const world = aWorld();
    world.on('call', async () => {
      await until(() => world.deps.integrations.states()[0]?.waiting === 1);
      const outside = world.deps.integrations.of(world.deps.registry.providerOf('call'));
      for (let n = 0; n < 5; n += 1) turnOf(outside!).end(broken);
      throw broken;
    });
    const run = world.request([step('a', 'call'), step('b', 'call')]);
    await world.work(run);
    expect(world.store.look(run).steps).toMatchObject([
      { attempt: 1, failures: 1, wait: { for: 'retry' } },
      { attempt: 0, failures: 0, wait: { for: 'held' } },
    ]);
  });

  it('told to stop while it waits for a slot, it begins no call and hands the step over', async () => {
    const world = aWorld();
    const stop = new AbortController();
    const calls: string[] = [];
    world.on('call', async (ctx) => {
      calls.push(ctx.stepId);
      if (ctx.stepId === 'a') await until(() => world.deps.integrations.states()[0]?.waiting === 1);
      stop.abort(new Error('stop'));
      await until(() => world.deps.integrations.states()[0]?.waiting === 0);
      return { output: {} };
    });
    const run = world.request([step('a', 'call'), step('b', 'call')]);
    await world.work(run, stop.signal);
    expect(calls).toEqual(['a']);
    expect(world.store.look(run).steps).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'WAITING', wait: { for: 'handover' }, failures: 0 }]);
    await world.toEnd(run);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it('past its deadline it leaves the line', async () => {
    const world = aWorld();
    world.on('call', () => new Promise(() => undefined));
    const run = world.request([step('a', 'call'), step('b', 'call')], { deadlineMs: 40 });
    await world.toEnd(run);
    expect(world.statuses(run)).toEqual({ a: 'CANCELLED', b: 'CANCELLED' });
    expect(world.deps.integrations.states()).toMatchObject([{ calling: 0, waiting: 0 }]);
  });

  it('that lost its lease leaves the line', async () => {
    const world = aWorld();
    world.on('call', () => new Promise(() => undefined));
    const run = world.request([step('a', 'call'), step('b', 'call')]);
    const first = world.work(run);
    await until(() => world.deps.integrations.states()[0]?.waiting === 1);
    world.store.expireLease(run);
    world.on('call', async () => ({ output: {} }));
    await world.toEnd(run);
    await first;
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expect(world.deps.integrations.states()).toMatchObject([{ calling: 0, waiting: 0 }]);
  });
});

function anIntegration(atOnce = 10): { integration: Integration; clock: { ms: number } } {
  const time = { ms: 0 };
  const clock: Clock = { now: () => new Date(time.ms), sleep: () => Promise.resolve() };
  return { integration: new Integration('fake', atOnce, clock), clock: time };
}

function turnOf(integration: Integration): Turn {
  const turn = integration.enter();
  if ('afterMs' in turn) throw new Error(`No turn: ${turn.reason}`);
  return turn;
}
