import { jest } from '@jest/globals';
import type { EventPage, PlaceInRun, RunReader } from '@slipway/portal';
import { shareEventPages } from './share-event-pages.js';

describe('shareEventPages', () => {
  const page = (lastSeq: number): EventPage => ({ events: [], status: 'RUNNING', lastSeq });

  function counted(answer: (readers: readonly PlaceInRun[]) => Promise<(EventPage | null)[]>) {
    const looks: string[] = [];
    const eventPages = (readers: readonly PlaceInRun[]) => {
      looks.push(readers.map(({ runId, after }) => `${runId}${after}`).join(' '));
      return answer(readers);
    };
    const shared = shareEventPages({ eventPages } as unknown as RunReader);
    return { looks, ask: async (runId: string, after: number, limit = 500) => (await shared.eventPages([{ runId, after }], limit))[0] };
  }

  it('makes one look of those that are asked for together, and a new one for who comes later', async () => {
    const { looks, ask } = counted(async (readers) => readers.map(({ runId, after }) => (runId === 'none' ? null : page(after))));
    const together = await Promise.all([ask('r', 3), ask('r', 3), ask('q', 5), ask('none', 0), ask('r', 4)]);
    expect(together).toEqual([page(3), page(3), page(5), null, page(4)]);
    expect(together[0]).toBe(together[1]);
    expect(looks).toEqual(['r3 q5 none0 r4']);
    await ask('r', 3);
    expect(looks).toEqual(['r3 q5 none0 r4', 'r3']);
  });

  it('joins nobody to a look that has begun, and makes one at a time', async () => {
    const held = Promise.withResolvers<void>();
    const { looks, ask } = counted(async (readers) => {
      if (looks.length === 1) await held.promise;
      return readers.map(() => page(looks.length));
    });
    const first = ask('r', 3);
    while (looks.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const later = [ask('r', 3), ask('q', 1)];
    expect(looks).toEqual(['r3']);
    held.resolve();
    expect(await first).toEqual(page(1));
    expect(await Promise.all(later)).toEqual([page(2), page(2)]);
    expect(looks).toEqual(['r3', 'r3 q1']);
  });

  it('asks for pages of one size at a time, and for no more than 32', async () => {
    const { looks, ask } = counted(async (readers) => readers.map(() => page(1)));
    await Promise.all([ask('r', 1, 10), ...Array.from({ length: 40 }, (_, after) => ask('q', after))]);
    expect(looks.map((look) => look.split(' ').length)).toEqual([1, 32, 8]);
  });

  it('has those who ask soon after one that many shared wait for each other', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { looks, ask } = counted(async (readers) => readers.map(() => page(1)));
      await Promise.all(Array.from({ length: 4 }, (_, after) => ask('r', after)));
      const first = ask('q', 1);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const second = ask('q', 2);
      expect(looks).toEqual(['r0 r1 r2 r3']);
      await jest.advanceTimersByTimeAsync(50);
      expect(await Promise.all([first, second])).toEqual([page(1), page(1)]);
      expect(looks).toEqual(['r0 r1 r2 r3', 'q1 q2']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('fails for those who shared the look, and for nobody after them', async () => {
    const { looks, ask } = counted(async (readers) => {
      if (looks.length === 1) throw new Error('down');
      return readers.map(() => page(1));
    });
    const outcomes = await Promise.allSettled([ask('r', 1), ask('q', 1)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await ask('r', 1)).toEqual(page(1));
  });
});
