import type { RunReader } from '@slipway/portal';
import { shareEventPages } from './share-event-pages.js';

describe('shareEventPages', () => {
  it('makes one look of those that are asked for together, and a new one for who comes later', async () => {
    let looks = 0;
    const shared = shareEventPages({
      eventsAfter: async () => ({ events: [], status: 'RUNNING', lastSeq: (looks += 1) }),
    } as unknown as RunReader);
    const together = await Promise.all([
      shared.eventsAfter('r', 3, 500),
      shared.eventsAfter('r', 3, 500),
      shared.eventsAfter('r', 3, 500),
    ]);
    expect(new Set(together).size).toBe(1);
    await shared.eventsAfter('r', 3, 500);
    expect(looks).toBe(2);
    await Promise.all([shared.eventsAfter('r', 3, 500), shared.eventsAfter('r', 4, 500), shared.eventsAfter('q', 3, 500)]);
    expect(looks).toBe(5);
  });
});
