import { jest } from '@jest/globals';
import { RunLedger } from './run-ledger.js';
import { aRun, aStep } from './testing/exercise-run-store.js';
import { MemoryRunStore } from './testing/memory-run-store.js';

/** What a worker that is killed can lose of its log is what it has not handed to the store yet. */
describe('lines of a step that goes on', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('are with the store 50 ms after the first of them', async () => {
    const { ledger, lines } = await aLedger();
    ledger.addLine('one', 'info', 'first');
    await jest.advanceTimersByTimeAsync(40);
    ledger.addLine('one', 'info', 'second');
    await jest.advanceTimersByTimeAsync(9);
    expect(lines()).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(lines()).toEqual(['first', 'second']);
  });

  it('are with the store at once when there are a hundred', async () => {
    const { ledger, lines } = await aLedger();
    for (let line = 0; line < 99; line += 1) ledger.addLine('one', 'info', `line ${line}`);
    await jest.advanceTimersByTimeAsync(0);
    expect(lines()).toHaveLength(0);
    ledger.addLine('one', 'info', 'line 99');
    await jest.advanceTimersByTimeAsync(0);
    expect(lines()).toHaveLength(100);
  });

  it('wait for no later ones: what is said after a write has 50 ms of its own', async () => {
    const { ledger, lines } = await aLedger();
    ledger.addLine('one', 'info', 'first');
    await jest.advanceTimersByTimeAsync(50);
    ledger.addLine('one', 'info', 'second');
    await jest.advanceTimersByTimeAsync(49);
    expect(lines()).toEqual(['first']);
    await jest.advanceTimersByTimeAsync(1);
    expect(lines()).toEqual(['first', 'second']);
  });
});

async function aLedger(): Promise<{ ledger: RunLedger; lines: () => string[] }> {
  const store = new MemoryRunStore();
  const run = aRun({ id: 'r_says' });
  store.add(run, [aStep('one')]);
  const claim = await store.claim(run.id, 'worker', 60_000);
  if (!claim) throw new Error('The run was not to be claimed.');
  const fail = (error: unknown): never => {
    throw error;
  };
  const ledger = new RunLedger(claim, store, { announce: () => undefined }, (text) => text, fail);
  const lines = (): string[] => store.look(run.id).events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
  return { ledger, lines };
}
