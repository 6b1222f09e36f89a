import { LeaseLost, type RunRecord, type RunStore, type SleepRecord, type StepRecord } from '../ports/run-store.js';
import type { LedgerResource } from '../step-definition.js';

/** How the suite reaches behind a store: to put runs in, to see what a reader sees, to let a lease run out. */
export interface RunStoreRig {
  store: RunStore;
  add(run: RunRecord, steps: StepRecord[]): Promise<void>;
  tell(runId: string, kind: 'cancel' | 'retry' | 'undo', body?: Record<string, unknown>): Promise<void>;
  /** As whoever has something to tell a waiting step does, whether a run waits for it or not. */
  send(key: string, body: unknown): Promise<void>;
  /** As an operator does, for all new runs. */
  pause(paused: boolean): Promise<void>;
  events(runId: string): Promise<Array<{ seq: number; line?: number; type: string }>>;
  expireLease(runId: string): Promise<void>;
  /** As a request does, or a retry that types them anew. */
  keepSecrets(runId: string, sealed: Record<string, string>): Promise<void>;
}

/** What every `RunStore` must do. Call it inside `describe`; `rig` is asked for anew by each test. */
export function exerciseRunStore(rig: () => RunStoreRig): void {
  let number = 0;
  const prepare = async (overrides: Partial<RunRecord> = {}): Promise<{ run: RunRecord } & RunStoreRig> => {
    const run = aRun({ id: `r_store${number++}`, entity: { blueprint: 'service', identifier: `app${number}` }, ...overrides });
    await rig().add(run, [aStep('one'), aStep('two')]);
    return { ...rig(), run };
  };

  it('gives the lease to one worker at a time, with what is known of the run', async () => {
    const { store, run } = await prepare();
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => store.claim(run.id, owner, 10_000)));
    const won = claims.filter((claim) => claim !== null);
    expect(won).toHaveLength(1);
    expect(won[0]).toMatchObject({ run: { id: run.id, status: 'QUEUED', plan: run.plan, mark: run.mark }, resources: [], inbox: [] });
    expect(won[0]?.steps.map((step) => step.id)).toEqual(['one', 'two']);
  });

  it('has nothing to claim where there is no such run', async () => {
    expect(await rig().store.claim('r_none', 'a', 10_000)).toBeNull();
  });

  it('lets another worker take a lease that ran out, and refuses every write of the old one', async () => {
    const { store, run, expireLease, events } = await prepare();
    const old = await claimed(store, run.id, 'old');
    expect(Math.abs(old.now.getTime() - Date.now())).toBeLessThan(60_000);
    expect(old.wasLost).toBe(false);
    await expireLease(run.id);
    const young = await claimed(store, run.id, 'young');
    expect(young.wasLost).toBe(true);
    expect(young.lease.fence).toBeGreaterThan(old.lease.fence);
    await expect(store.record(old.lease, { events: [log('late')] })).rejects.toThrow(LeaseLost);
    await expect(store.heartbeat(old.lease, 10_000)).rejects.toThrow(LeaseLost);
    await store.record(young.lease, { events: [log('mine')] });
    expect(await events(run.id)).toHaveLength(1);
  });

  it('numbers events without gap in the order given, and log lines by themselves', async () => {
    const { store, run, events } = await prepare();
    const { lease } = await claimed(store, run.id);
    await store.record(lease, { events: [log('a'), { type: 'run', status: 'RUNNING', failure: null }, log('b')] });
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.record(lease, { events: [log(`p${n}`), log(`q${n}`)] })));
    const all = await events(run.id);
    expect(all.map((event) => event.seq)).toEqual(all.map((_, index) => index + 1));
    expect(all.filter((event) => event.type === 'log').map((event) => event.line)).toEqual(Array.from({ length: 42 }, (_, n) => n + 1));
    expect(all[1]?.type).toBe('run');
  });

  it('records steps, resources and the run in one change and finds them again', async () => {
    const { store, run, expireLease } = await prepare();
    const { lease } = await claimed(store, run.id);
    const startedAt = new Date('2026-01-02T03:04:05.678Z');
    const wait = { for: 'wait' as const, until: new Date('2026-01-02T03:05:00Z'), reason: 'not ready', state: { seen: 1 } };
    await store.record(lease, {
      run: { status: 'RUNNING', startedAt, workspaceDigest: 'abc' },
      steps: [{ ...aStep('one'), status: 'WAITING', attempt: 11, failures: 1, losses: 9, input: { name: 'x' }, wait, startedAt }],
      resources: [aResource(run.id, 'acme/one')],
    });
    await store.record(lease, { resources: [{ ...aResource(run.id, 'acme/one'), state: 'CREATED', url: 'https://example.com/one' }] });
    await expireLease(run.id);
    const again = await claimed(store, run.id, 'next');
    expect(again.run).toMatchObject({ status: 'RUNNING', startedAt, workspaceDigest: 'abc', failure: null });
    expect(again.steps[0]).toMatchObject({ status: 'WAITING', attempt: 11, failures: 1, losses: 9, input: { name: 'x' }, wait, startedAt, output: null });
    expect(again.resources).toEqual([{ ...aResource(run.id, 'acme/one'), state: 'CREATED', url: 'https://example.com/one' }]);
    expect(await store.standing(run.entity)).toHaveLength(1);
  });

  it('keeps the lease while the inbox holds something unacknowledged', async () => {
    const { store, run, tell } = await prepare();
    const { lease } = await claimed(store, run.id);
    await tell(run.id, 'cancel');
    expect(await store.release(lease, null)).toBe(false);
    const messages = await store.heartbeat(lease, 10_000);
    expect(messages.map((message) => message.kind)).toEqual(['cancel']);
    await store.record(lease, { acknowledge: messages.map((message) => message.id) });
    expect(await store.heartbeat(lease, 10_000)).toEqual([]);
    expect(await store.release(lease, new Date())).toBe(true);
    expect(await claimed(store, run.id, 'next')).toMatchObject({ wasLost: false });
  });

  it('has nothing to claim of a run that ended, until somebody calls it back', async () => {
    const { store, run, tell } = await prepare();
    const { lease } = await claimed(store, run.id);
    await store.record(lease, { run: { status: 'RUNNING' } });
    await store.record(lease, { run: { status: 'FAILED', failure: { code: 'x', message: 'y' } } });
    expect(await store.claim(run.id, 'next', 10_000)).toBeNull();
    await tell(run.id, 'retry');
    expect((await claimed(store, run.id, 'next')).inbox.map((message) => message.kind)).toEqual(['retry']);
  });

  it('works on one run of an entity at a time, in the order of the requests', async () => {
    const { store, run, add } = await prepare();
    const second = aRun({ id: `${run.id}b`, entity: run.entity });
    await add(second, []);
    expect(await store.claim(second.id, 'b', 10_000)).toBeNull();
    const { lease } = await claimed(store, run.id);
    await store.record(lease, { run: { status: 'RUNNING' } });
    expect(await store.claim(second.id, 'b', 10_000)).toBeNull();
    await store.record(lease, { run: { status: 'SUCCEEDED' } });
    expect(await store.claim(second.id, 'b', 10_000)).not.toBeNull();
  });

  it('lets an ended run be taken whose holder read a message and was lost, so that the next one of the entity can begin', async () => {
    const { store, run, add, tell, expireLease } = await prepare();
    const second = aRun({ id: `${run.id}b`, entity: run.entity });
    await add(second, []);
    const { lease } = await claimed(store, run.id);
    await store.record(lease, { run: { status: 'RUNNING' } });
    await store.record(lease, { run: { status: 'SUCCEEDED' } });
    await tell(run.id, 'cancel');
    const lost = await claimed(store, run.id, 'lost');
    await store.record(lost.lease, { acknowledge: lost.inbox.map(({ id }) => id) });
    expect(await store.claim(second.id, 'b', 10_000)).toBeNull();
    await expireLease(run.id);
    expect(await store.release((await claimed(store, run.id, 'found')).lease, null)).toBe(true);
    expect(await store.claim(run.id, 'nobody', 10_000)).toBeNull();
    expect(await store.claim(second.id, 'b', 10_000)).not.toBeNull();
  });

  it('lets a run that waits behind another one be taken to be cancelled', async () => {
    const { store, run, add, tell } = await prepare();
    const second = aRun({ id: `${run.id}b`, entity: run.entity });
    await add(second, []);
    const { lease } = await claimed(store, run.id);
    await store.record(lease, { run: { status: 'RUNNING' } });
    await tell(second.id, 'cancel');
    const { lease: besides } = await claimed(store, second.id, 'b');
    await store.record(besides, { run: { status: 'CANCELLED' } });
    await store.record(lease, { run: { status: 'SUCCEEDED' } });
  });

  it('lets one of the runs of an entity be worked on, however many are claimed in the same instant', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { store, run, add, tell } = await prepare({ status: 'FAILED' });
      const others = [1, 2, 3, 4].map((n) => aRun({ id: `${run.id}n${n}`, entity: run.entity, status: 'FAILED' }));
      for (const other of others) await add(other, []);
      const all = [run, ...others];
      // Called back, each of them could go first.
      for (const { id } of all) await tell(id, 'retry');
      const claims = await Promise.all(all.flatMap(({ id }) => [store.claim(id, 'a', 10_000), store.claim(id, 'b', 10_000)]));
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    }
  });

  it('adds the items of a step behind it, and finds them again', async () => {
    const { store, run, expireLease } = await prepare({ plan: aPlanOf('one', 'two') });
    const { lease } = await claimed(store, run.id);
    const item = (n: number): StepRecord => ({ ...aStep(`one[${n}]`), parent: 'one', item: n, each: { key: n, value: { name: `i${n}` } } });
    await store.record(lease, { steps: [{ ...aStep('one'), status: 'RUNNING' }, ...Array.from({ length: 11 }, (_, n) => item(n))] });
    await store.record(lease, { steps: [{ ...item(2), status: 'SUCCEEDED', attempt: 3, failures: 1, losses: 1, output: { made: 'x' } }] });
    await expireLease(run.id);
    const { steps } = await claimed(store, run.id, 'next');
    expect(steps.map(({ id }) => id)).toEqual(['one', ...Array.from({ length: 11 }, (_, n) => `one[${n}]`), 'two']);
    expect(steps[3]).toEqual({ ...item(2), status: 'SUCCEEDED', attempt: 3, failures: 1, losses: 1, output: { made: 'x' } });
  });

  it('tells a step that goes to sleep of a signal that was sent before, and each signal once', async () => {
    const { store, run, send } = await prepare();
    const { lease } = await claimed(store, run.id);
    const key = `deployed:${run.id}`;
    const until = new Date('2036-01-01T00:00:00Z');
    const asleep = (more: Partial<SleepRecord>): StepRecord => ({
      ...aStep('one'),
      status: 'WAITING',
      wait: { for: 'wait', until, reason: 'not yet', signal: key, ...more },
    });
    await store.record(lease, { steps: [asleep({})] });
    expect(await store.heartbeat(lease, 10_000)).toEqual([]);
    await send(`${key}:other`, {});
    await send(key, { sha: 'abc' });
    const sent = await store.signals(key, 0);
    expect(sent).toEqual([{ id: expect.any(Number), key, body: { sha: 'abc' }, at: expect.anything() }]);
    const seen = sent[0]?.id ?? 0;
    expect(await store.signals(key, seen)).toEqual([]);
    const before = (await store.heartbeat(lease, 10_000)).map(({ id }) => id);
    await store.record(lease, { acknowledge: before, steps: [asleep({ for: 'retry' })] });
    await store.record(lease, { steps: [asleep({ woken: true })] });
    await store.record(lease, { steps: [asleep({ seen })] });
    expect(await store.heartbeat(lease, 10_000)).toEqual([]);
    await store.record(lease, { steps: [asleep({ seen: seen - 1 })] });
    expect(await store.heartbeat(lease, 10_000)).toEqual([{ id: expect.any(String), kind: 'signal', body: { key } }]);
  });

  it('keeps how a removal is going', async () => {
    const { store, run, expireLease } = await prepare();
    const { lease } = await claimed(store, run.id);
    const at = new Date('2026-01-02T03:04:05Z');
    const removal = { attempts: 2, givenUp: 1, unsureUntil: at, since: at, until: null, reason: 'not yet' };
    await store.record(lease, { resources: [{ ...aResource(run.id, 'acme/one'), state: 'CREATED', removal }] });
    await expireLease(run.id);
    const again = await claimed(store, run.id, 'next');
    expect(again.resources[0]?.removal).toEqual(removal);
    await store.record(again.lease, { resources: [{ ...aResource(run.id, 'acme/one'), removal: { ...removal, until: at } }] });
    expect((await store.standing(run.entity))[0]?.removal).toEqual({ ...removal, until: at });
  });

  it('gives the lease back past messages that were put off', async () => {
    const { store, run, tell } = await prepare();
    const { lease } = await claimed(store, run.id);
    await tell(run.id, 'retry');
    const ids = (await store.heartbeat(lease, 10_000)).map(({ id }) => id);
    expect(await store.release(lease, null, ids)).toBe(true);
    expect((await claimed(store, run.id, 'next')).inbox.map(({ id }) => id)).toEqual(ids);
  });

  it('keeps typed secrets until it is told to wipe them, and past that for a retry that nobody has read', async () => {
    const { store, run, tell, keepSecrets } = await prepare();
    const other = await prepare();
    const sealed = { password: '1.key.abc', token: '1.key.def' };
    await keepSecrets(run.id, sealed);
    await keepSecrets(other.run.id, sealed);
    expect(await store.sealedSecrets(run.id)).toEqual(sealed);
    const { lease } = await claimed(store, run.id);
    await store.record(lease, { run: { status: 'RUNNING' } });
    await tell(run.id, 'retry');
    await store.record(lease, { run: { status: 'FAILED' }, wipeSecrets: true });
    expect(await store.sealedSecrets(run.id)).toEqual(sealed);
    const again = await claimed(store, run.id, 'next');
    await store.record(again.lease, { run: { status: 'RUNNING' }, acknowledge: again.inbox.map(({ id }) => id) });
    await store.record(again.lease, { run: { status: 'SUCCEEDED' }, wipeSecrets: true });
    expect(await store.sealedSecrets(run.id)).toEqual({});
    expect(await store.sealedSecrets(other.run.id)).toEqual(sealed);
  });

  it('leaves new runs in line while they are paused, but not those that have begun or are told something', async () => {
    const { store, run, tell, pause } = await prepare();
    const begun = await prepare({ status: 'WAITING' });
    await pause(true);
    try {
      expect(await store.claim(run.id, 'a', 10_000)).toBeNull();
      expect(await store.claim(begun.run.id, 'a', 10_000)).not.toBeNull();
      await tell(run.id, 'cancel');
      expect(await store.claim(run.id, 'a', 10_000)).not.toBeNull();
    } finally {
      await pause(false);
    }
  });
}

function aPlanOf(...ids: string[]): RunRecord['plan'] {
  const steps = ids.map((id) => ({ id, name: id, action: 'fake', needs: [], input: {}, timeoutMs: 1, retry: { attempts: 1, withinMs: 0 } }));
  return { steps, onFailure: 'undo', deadlineMs: 60_000 };
}

async function claimed(store: RunStore, runId: string, owner = 'a') {
  const claim = await store.claim(runId, owner, 10_000);
  if (!claim) throw new Error(`Run ${runId} could not be claimed.`);
  return claim;
}

function log(message: string) {
  return { type: 'log' as const, stepId: null, level: 'info' as const, message };
}

export function aRun(overrides: Partial<RunRecord> & { id: string }): RunRecord {
  return {
    action: 'deploy',
    operation: 'CREATE',
    entity: { blueprint: 'service', identifier: 'shop' },
    status: 'QUEUED',
    inputs: {},
    requestedBy: 'user:dana',
    plan: { steps: [], onFailure: 'undo', deadlineMs: 60_000 },
    templateDigest: 'sha256:none',
    workspaceDigest: null,
    mark: overrides.id,
    failure: null,
    undoReason: null,
    startedAt: null,
    ...overrides,
  };
}

export function aStep(id: string): StepRecord {
  const never = { input: null, output: null, failure: null, wait: null, startedAt: null, endedAt: null };
  return { id, status: 'PENDING', attempt: 0, failures: 0, losses: 0, parent: null, item: null, each: null, ...never };
}

function aResource(runId: string, externalId: string): LedgerResource {
  const title = `Thing ${externalId}`;
  return { kind: 'fake:thing', externalId, title, url: null, properties: { a: 1 }, state: 'PLANNED', runId, stepId: 'one', depth: 0, note: null, removal: null };
}
