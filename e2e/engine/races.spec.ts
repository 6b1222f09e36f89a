import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';

jest.setTimeout(180_000);

/** Longer than a lease lasts (6 s) that nobody prolongs. */
const longerThanALeaseMs = 8_000;

describe('two workers', () => {
  let installation: Installation;
  installationForSuite(async (opened) => {
    installation = opened;
    await Promise.all([installation.startWorker(), installation.startWorker()]);
  });

  it('that get the same jobs many times over: one of them has each run, from its claim to its end', async () => {
    const { outside, database } = installation;
    const held = outside.holdAt(({ at, stepId }) => at === 'step:before-call' && stepId === 'first');
    const runIds = await Promise.all(['a', 'b', 'c', 'd'].map((name) => installation.request('make', `twice-${name}`)));
    for (let time = 0; time < 10; time += 1) await Promise.all(runIds.map((runId) => installation.addJob(runId)));
    await until('each run is being worked on', async () => held.count === runIds.length);
    await until('all further jobs came to nothing', async () => (await installation.jobs()).length <= runIds.length);
    held.release();
    await installation.ended();
    const { rows } = await database.pool.query<{ claims: number }>('SELECT fence::int AS claims FROM runs WHERE id = ANY ($1)', [runIds]);
    expect(rows).toEqual(runIds.map(() => ({ claims: 1 })));
    for (const runId of runIds) expect(new Set(outside.visits.filter((visit) => visit.runId === runId).map(({ pid }) => pid)).size).toBe(1);
  });

  it('of which one hangs past its lease: the other goes on, and the first can write nothing when it comes back', async () => {
    const { outside } = installation;
    const hung = await hangPastItsLease('before', 'hanging');
    await until('the one that hung is back', async () => outside.calls.some((call) => call.pid === hung && call.path.endsWith('.hanging') && call.method === 'POST'));
    expect(installation.workers.every((worker) => worker.isAlive)).toBe(true);
  });

  it('of which one hangs past its lease between a call and its record: the record comes before it knows, and is refused', async () => {
    const { outside } = installation;
    const hung = await hangPastItsLease('after', 'hanging-after');
    // It takes other runs again: by then it has tried to record. What it would have written, the history of the run would show.
    const later = outside.calls.length;
    await until('the one that hung is back', async () => {
      await installation.request('make', `later-${outside.calls.length}`);
      await installation.ended();
      return outside.calls.slice(later).some(({ pid }) => pid === hung);
    });
    expect(installation.workers.every((worker) => worker.isAlive)).toBe(true);
  });

  it('of which one loses the answer to a call that took effect: the next attempt finds what it made', async () => {
    const { outside } = installation;
    outside.loseAnswer(({ method, path }) => method === 'POST' && path === '/things/unanswered.second');
    const runId = await installation.request('make', 'unanswered');
    await installation.ended();
    expect(outside.visits.filter((visit) => visit.runId === runId && visit.stepId === 'second' && visit.at === 'step:before-call')).toHaveLength(2);
  });

  it('of which one is told of a cancel in the last call: the run is cancelled and undone', async () => {
    const { outside, database } = installation;
    const requested = installation.request('make', 'cancelled-first');
    const held = outside.holdAt(async ({ at, stepId, runId }) => at === 'step:after-call' && stepId === 'report' && runId === (await requested));
    await held.reached;
    await installation.cancel(await requested);
    const heard = 'SELECT 1 FROM inbox WHERE run_id = $1 AND acknowledged_at IS NOT NULL';
    await until('the worker has heard of it', async () => (await database.pool.query(heard, [await requested])).rowCount === 1);
    held.release();
    await installation.ended();
    expect(await installation.status(await requested)).toBe('CANCELLED');
    expect([...outside.things.keys()].filter((name) => name.startsWith('cancelled-first'))).toEqual([]);
  });

  it('of which one is told of a cancel while the other side is at a call: what comes of that later is removed as well', async () => {
    const { outside } = installation;
    const late = outside.holdEffects(({ method, path }) => method === 'POST' && path === '/things/too-late.second');
    const requested = await installation.request('make', 'too-late');
    await late.reached;
    const before = outside.calls.length;
    await installation.cancel(requested);
    await until('undo has looked for it', async () => outside.calls.slice(before).some(({ path }) => path === '/things/too-late.second'));
    late.release();
    await installation.ended();
    expect(await installation.status(requested)).toBe('CANCELLED');
    expect([...outside.things.keys()].filter((name) => name.startsWith('too-late'))).toEqual([]);
  });

  it('and cancels that come as the last call returns: each run ends one way or the other, whole or undone', async () => {
    const { outside } = installation;
    const requested = Promise.all(Array.from({ length: 16 }, (_, index) => installation.request('make', `close-${index}`)));
    const held = outside.holdAt(async ({ at, stepId, runId }) => at === 'step:after-call' && stepId === 'report' && (await requested).includes(runId));
    const runIds = await requested;
    await until('all are in their last call', async () => held.count === runIds.length);
    const cancel = (ids: string[]) => Promise.all(ids.map((runId) => installation.cancel(runId).catch(refusedSinceItEnded)));
    // Half of them recorded just before, the others sent just after: alone, either half would mostly end the same way.
    await cancel(runIds.slice(0, 8));
    held.release();
    await cancel(runIds.slice(8));
    await installation.ended();
    for (const [index, runId] of runIds.entries()) {
      const things = [...outside.things.keys()].filter((name) => name.startsWith(`close-${index}.`));
      expect({ runId, things: things.length }).toEqual({ runId, things: (await installation.status(runId)) === 'SUCCEEDED' ? 2 : 0 });
    }
  });

  it('leave each run as its history says, with nothing doubled and nothing left', async () => {
    const statuses = new Map(await Promise.all([...installation.readers.keys()].map(async (runId) => [runId, await installation.status(runId)] as const)));
    expect([...statuses.values()].filter((status) => status !== 'SUCCEEDED' && status !== 'CANCELLED')).toEqual([]);
    await expectLedgerRule(installation, { status: (runId) => statuses.get(runId) ?? 'SUCCEEDED', refusals: 1 });
    await expectNoJobs(installation);
  });

  /** Ends a run of which one worker hung before or after its call while the other took it over; answers who hung. */
  async function hangPastItsLease(place: 'before' | 'after', name: string): Promise<number | undefined> {
    const { outside } = installation;
    outside.hangOnce(place, longerThanALeaseMs);
    const runId = await installation.request('hang', name);
    await installation.ended();
    const pids = outside.calls.filter((call) => call.runId === runId && call.path === `/hang/${place}`).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(2);
    return pids[0];
  }
});

function refusedSinceItEnded(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'conflict') throw error;
}
