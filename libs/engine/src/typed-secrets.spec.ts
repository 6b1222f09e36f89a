import { Sealer } from './sealer.js';
import { StepError } from './step-error.js';
import { type World, aWorld, step, until } from './testing/engine-world.js';

const canary = 'correct "horse" battery & staple';

describe('a secret of the installation', () => {
  it('reaches the step whose template speaks of it, and is recorded nowhere; others are not even resolved', async () => {
    const world = aWorld();
    const [seen, resolved]: unknown[][] = [[], []];
    world.deps.environmentSecrets = { TOKEN: 'env:TOKEN', OTHER: 'env:OTHER' };
    world.deps.resolveSecret = async (reference) => (resolved?.push(reference), canary);
    world.on('make', async (ctx, { token }) => (seen?.push(token), ctx.log.info(`calling with ${canary}`), { output: {} }));
    const run = world.request([step('a', 'make', { token: '$secrets.environment.TOKEN' })]);
    await world.toEnd(run);
    expect([seen, resolved]).toEqual([[canary], ['env:TOKEN']]);
    expect(world.store.look(run).steps[0]?.input).toEqual({ token: '$secrets.environment.TOKEN' });
    expect(world.lines(run)).toContain('calling with [secret]');
    expectNowhere(world, run);
  });

  it('that is not to be had fails the step that needs it, and says which it is', async () => {
    const world = aWorld();
    world.deps.environmentSecrets = { TOKEN: 'env:TOKEN' };
    world.deps.resolveSecret = async () => {
      throw new StepError('fatal', 'secret_not_found', 'The secret env:TOKEN could not be read.');
    };
    const run = world.request([step('a', 'make', { token: '$secrets.environment.TOKEN' })]);
    await world.toEnd(run);
    expect(world.store.look(run).run).toMatchObject({ status: 'FAILED', failure: { code: 'secret_not_found' } });
  });
});

describe('a secret typed into a form', () => {
  it('reaches the step that is to have it, and is recorded nowhere', async () => {
    const world = aWorld();
    const seen: unknown[] = [];
    world.on('make', async (ctx, input) => {
      seen.push(input);
      ctx.log.info(`calling with ${canary}, ${Buffer.from(canary).toString('base64')} and ${encodeURIComponent(canary)}`);
      return { output: {} };
    });
    const run = world.request([step('a', 'make', { password: '$secrets.password', user: 'dana' })], { typed: { password: canary } });
    await world.toEnd(run);
    expect(seen).toEqual([{ password: canary, user: 'dana' }]);
    expect(world.store.look(run).steps[0]?.input).toEqual({ password: '$secrets.password', user: 'dana' });
    expect(world.lines(run)).toContain('calling with [secret], [secret] and [secret]');
    expectNowhere(world, run);
  });

  it('is given again to every attempt and every worker, and taken out of what a step says of it without having been given it', async () => {
    const world = aWorld();
    const given: unknown[] = [];
    world.on('make', async (ctx, { password }) => {
      given.push(password);
      if (ctx.state === undefined) return { wait: { afterMs: 1, reason: `${canary} is not there yet`, state: { looked: true } } };
      return { output: {} };
    });
    world.on('break', async () => {
      throw new StepError('fatal', 'fake_refused', `refused, since ${canary} is wrong`, { remedy: `Do not use ${canary}.` });
    });
    const run = world.request([step('a', 'make', { password: '$secrets.password' }), step('b', 'break', {}, ['a'])], { typed: { password: canary } });
    await world.toEnd(run);
    expect(given).toEqual([canary, canary]);
    expect(world.store.look(run).run.failure).toMatchObject({ code: 'fake_refused', message: 'b: refused, since [secret] is wrong', remedy: 'Do not use [secret].' });
    expectNowhere(world, run);
  });

  it('may be the items of an each, which are recorded without it', async () => {
    const world = aWorld();
    const seen: unknown[] = [];
    world.on('make', async (_ctx, input) => (seen.push(input), { output: {} }));
    const each = { plain: 'dana', secret: '$secrets.password' };
    const run = world.request([step('a', 'make', { of: '$each.value', to: '$each.key' }, [], { each })], { typed: { password: canary } });
    await world.toEnd(run);
    expect(seen).toEqual([{ of: 'dana', to: 'plain' }, { of: canary, to: 'secret' }]);
    expect(world.store.look(run).steps.map(({ each: item }) => item)).toEqual([null, { key: 'plain', value: 'dana' }, { key: 'secret', value: '$secrets.password' }]);
    expectNowhere(world, run);
  });

  it('is worth as many items as it holds, without a word of them being recorded', async () => {
    const world = aWorld();
    const seen: unknown[] = [];
    splitting(world);
    world.on('make', async (_ctx, { of }) => (seen.push(of), { output: {} }));
    const run = world.request([step('a', 'make', { of: '$each.value' }, [], { each: '$secrets.lines' })], { typed: { lines: 'first-secret,second-secret' } });
    await world.toEnd(run);
    expect(seen).toEqual(['first-secret', 'second-secret']);
    expect(world.store.look(run).steps.map(({ each }) => each)).toEqual([null, { key: 0, value: null }, { key: 1, value: null }]);
    expect(JSON.stringify(world.store.look(run))).not.toMatch(/first-secret|second-secret/);
  });

  it('is all that is taken out of a text that it stands in', async () => {
    const world = aWorld();
    const { evaluate } = world.deps.evaluator;
    world.deps.evaluator.evaluate = (value, scope) => mapTexts(evaluate(value, scope), (text) => (text.startsWith('$') ? text : `connecting with ${text}`));
    world.on('make', async (ctx, { message }) => (ctx.log.info(String(message)), { output: {} }));
    const run = world.request([step('a', 'make', { message: '$secrets.password' })], { typed: { password: canary } });
    await world.toEnd(run);
    expect(world.lines(run)).toContain('connecting with [secret]');
    expectNowhere(world, run);
  });

  it('is protected in what an expression made of it, too', async () => {
    const world = aWorld();
    const { evaluate } = world.deps.evaluator;
    world.deps.evaluator.evaluate = (value, scope) => mapTexts(evaluate(value, scope), (text) => (text.startsWith('$') ? text : text.toUpperCase()));
    world.on('make', async (ctx, { password, user }) => (ctx.log.info(`${String(user)}: ${String(password)}`), { output: {} }));
    const run = world.request([step('a', 'make', { password: '$secrets.password', user: 'dana developer' })], { typed: { password: 'hunter2-hunter2' } });
    await world.toEnd(run);
    expect(world.lines(run)).toContain('DANA DEVELOPER: [secret]');
  });

  it.each([
    ['an output', 'secret_in_output', async () => ({ output: { token: `Bearer ${canary}` } })],
    ['the name of an output', 'secret_in_output', async () => ({ output: { [canary]: true } })],
    ['base64 in an output', 'secret_in_output', async () => ({ output: { a: [{ b: Buffer.from(canary).toString('base64') }] } })],
    ['JSON in an output', 'secret_in_output', async () => ({ output: { body: JSON.stringify({ canary }) } })],
    ['what a wait remembers', 'secret_in_output', async () => ({ wait: { afterMs: 1, reason: 'x', state: { canary } } })],
    ['the signal of a wait', 'secret_in_output', async () => ({ wait: { afterMs: 1, reason: 'x', signal: `fake:${canary}` } })],
  ] as const)('may not stand in %s', async (_, code, behaviour) => {
    const world = aWorld();
    world.on('make', behaviour);
    const run = world.request([step('a', 'make')], { typed: { password: canary } });
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe(code);
    expectNowhere(world, run);
  });

  it.each(['externalId', 'title', 'url', 'properties'] as const)('may not stand in the ledger (%s); what was made is removed', async (place) => {
    const world = aWorld();
    world.on('make', async (ctx) => {
      const planned = { kind: 'fake:thing', externalId: 'one', title: 'One' };
      await ctx.resources.plan(place === 'externalId' || place === 'title' ? { ...planned, [place]: canary } : planned);
      world.things.set('one', ctx.mark);
      await ctx.resources.created({ ...planned, ...(place === 'url' ? { url: `https://x:${encodeURIComponent(canary)}@host` } : { properties: { canary } }) });
      return { output: {} };
    });
    const run = world.request([step('a', 'make')], { typed: { password: canary } });
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe('secret_in_resource');
    expect(world.things.size).toBe(0);
    expectNowhere(world, run);
  });

  it('is not given to a step that keeps its input', async () => {
    const world = aWorld();
    let called = false;
    world.on('make', async () => ((called = true), { output: {} }));
    world.deps.registry.step('make')!.keepsInput = true;
    const run = world.request([step('a', 'make', { properties: { password: '$secrets.password' } })], { typed: { password: canary } });
    await world.toEnd(run);
    expect(world.store.look(run).run.failure?.code).toBe('secret_in_catalogue');
    expect(called).toBe(false);
    const plain = world.request([step('a', 'make', { properties: { user: 'dana' } })], { typed: { password: canary } });
    await world.toEnd(plain);
    expect(called).toBe(true);
  });

  it('is wiped once the run has succeeded', async () => {
    const world = aWorld();
    world.on('make', async () => ({ output: {} }));
    const run = world.request([step('a', 'make')], { typed: { password: canary } });
    expect(Object.keys(await world.store.sealedSecrets(run))).toEqual(['password']);
    await world.toEnd(run);
    expect(await world.store.sealedSecrets(run)).toEqual({});
  });

  it('is wiped once the run is undone, or was cancelled before it began', async () => {
    const world = broken();
    world.onMakeThing();
    const undone = world.request([step('a', 'make', { name: 'one' }), step('b', 'break', {}, ['a'])], { typed: { password: canary } });
    await world.toEnd(undone);
    expect(world.statuses(undone)).toEqual({ a: 'UNDONE', b: 'FAILED' });
    expect(await world.store.sealedSecrets(undone)).toEqual({});
    const cancelled = world.request([step('a', 'make')], { typed: { password: canary } });
    world.store.tell(cancelled, 'cancel');
    await world.toEnd(cancelled);
    expect(world.store.look(cancelled).run.status).toBe('CANCELLED');
    expect(await world.store.sealedSecrets(cancelled)).toEqual({});
  });

  it('is kept where a failure leaves everything as it is, for a retry, which may type another', async () => {
    const world = broken();
    const seen = passwordsSeen(world);
    const run = world.request([step('a', 'make', { password: '$secrets.password' })], { typed: { password: canary }, onFailure: 'keep' });
    await world.toEnd(run);
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    world.type(run, { password: 'the right one' });
    world.store.tell(run, 'retry');
    await world.toEnd(run);
    expect(seen).toEqual([canary, canary, 'the right one']);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
    expectNowhere(world, run);
  });

  it('typed anew while a worker holds the run is what that worker goes on with', async () => {
    const world = aWorld();
    const seen = passwordsSeen(world);
    const run = world.request([step('a', 'make', { password: '$secrets.password' })], { typed: { password: canary }, onFailure: 'keep' });
    await world.toEnd(run);
    // Called for something else, it is about to let go of the run when the retry comes.
    const release = world.store.release.bind(world.store);
    world.store.release = (...held) => {
      world.store.release = release;
      world.type(run, { password: 'the right one' });
      world.store.tell(run, 'retry');
      return release(...held);
    };
    world.store.tell(run, 'undo', { automatic: true });
    await world.work(run);
    expect(seen).toEqual([canary, 'the right one']);
    expect(world.store.look(run).run.status).toBe('SUCCEEDED');
  });

  it('typed anew for a retry outlives an undo that was under way', async () => {
    const world = broken();
    world.onMakeThing();
    world.stuck.add('one');
    const run = world.request([step('a', 'make', { name: 'one' }), step('b', 'break', {}, ['a'])], { typed: { password: canary } });
    await world.toEnd(run);
    world.stuck.clear();
    world.type(run, { password: canary });
    world.store.tell(run, 'undo');
    world.store.tell(run, 'retry');
    world.on('break', async () => ({ output: {} }));
    await world.work(run);
    await until(() => world.store.look(run).run.status === 'FAILED');
    expect(Object.keys(await world.store.sealedSecrets(run))).toEqual(['password']);
  });

  it.each([
    ['wiped', 'secrets_needed', (world: World, run: string) => world.store.keepSecrets(run, { password: undefined as unknown as string })],
    ['sealed for another run', 'secret_unopened', (world: World, run: string) => world.store.keepSecrets(run, { password: new Sealer([key]).seal(canary, ['form secret', 'r_other', 'password']) })],
    ['sealed with a key that the worker has not', 'secret_unopened', (world: World, run: string) => world.store.keepSecrets(run, { password: new Sealer([`${key} no more`]).seal(canary, ['form secret', run, 'password']) })],
  ])('that was %s fails the step that asks for it, by its name, and no other', async (_, code, spoil) => {
    const world = aWorld();
    world.on('make', async () => ({ output: {} }));
    const run = world.request([step('plain', 'make'), step('a', 'make', { password: '$secrets.password' }, ['plain'])], { typed: { password: canary } });
    spoil(world, run);
    await world.toEnd(run);
    expect(world.statuses(run)).toMatchObject({ plain: 'UNDONE', a: 'FAILED' });
    expect(world.store.look(run).run.failure).toMatchObject({ code, message: expect.stringContaining('"password"') as string });
  });
});

const key = 'a sealing key of the specs, and of nothing else';

function broken(): World {
  const world = aWorld();
  world.on('break', async () => {
    throw new StepError('fatal', 'fake_broken', 'broken');
  });
  return world;
}

/** An evaluator whose lone secrets are lists, as of `${{ secrets.lines | … }}`. */
function splitting(world: World): void {
  const { evaluate } = world.deps.evaluator;
  world.deps.evaluator.evaluate = (value, scope) => {
    const found = evaluate(value, scope);
    return value === '$secrets.lines' && found !== value ? String(found).split(',') : found;
  };
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapTexts(part, map)]));
}

/** What `make` is handed from now on; it refuses all but 'the right one'. */
function passwordsSeen(world: World): unknown[] {
  const seen: unknown[] = [];
  world.on('make', async (_ctx, { password }) => {
    seen.push(password);
    if (password !== 'the right one') throw new StepError('fatal', 'fake_refused', 'wrong password');
    return { output: {} };
  });
  return seen;
}

/** Neither in the run's own words nor in any known disguise. */
function expectNowhere(world: World, run: string): void {
  const text = JSON.stringify(world.store.look(run));
  const forms = [canary, JSON.stringify(canary).slice(1, -1), JSON.stringify(JSON.stringify(canary)).slice(3, -3), Buffer.from(canary).toString('base64'), encodeURIComponent(canary)];
  for (const form of forms) expect(text).not.toContain(form);
}
