import type { EventPage, PlaceInRun, RunReader } from '@slipway/portal';

/** Where so many share a look, others are about to ask as well, and the next one waits for them. */
const manyPages = 4;
/** From the beginning of one look to that of the next. Writes to so many readers wait for each other as long (`open-streams.ts`). */
const gatherMs = 50;

/** So many pages come with one look: none shall wait long for those of others who have much to catch up with. */
const mostAtOnce = 32;

/**
 * Readers are woken together, those of one run and those of runs that a worker recorded together: one look is made for all who
 * ask meanwhile, and those at the same place share their page. Only one is under way at a time, and one that many shared is not
 * followed at once, so that the more readers there are, the more share it. A look may be joined only until it begins, since one under way may not see what a reader was told of.
 */
export function shareEventPages(reader: RunReader): RunReader {
  const looks = new SharedLooks(reader);
  return {
    find: (runId) => reader.find(runId),
    ownerOf: (runId) => reader.ownerOf(runId),
    list: (query) => reader.list(query),
    results: (runId) => reader.results(runId),
    resources: (runId) => reader.resources(runId),
    typedSecrets: (runId) => reader.typedSecrets(runId),
    logLines: (runId, offset, limit) => reader.logLines(runId, offset, limit),
    eventPages: (readers, limit) => Promise.all(readers.map((place) => looks.pageOf(place, limit))),
  };
}

interface Asked {
  place: PlaceInRun;
  limit: number;
  page: PromiseWithResolvers<EventPage | null>;
}

class SharedLooks {
  private readonly asked = new Map<string, Asked>();
  private isUnderWay = false;
  private nextAt = -Infinity;

  constructor(private readonly reader: RunReader) {}

  pageOf(place: PlaceInRun, limit: number): Promise<EventPage | null> {
    const key = `${place.runId} ${place.after} ${limit}`;
    const asked = this.asked.get(key) ?? { place, limit, page: Promise.withResolvers<EventPage | null>() };
    this.asked.set(key, asked);
    this.lookSoon();
    return asked.page.promise;
  }

  /** Once everybody who was woken in this turn of the event loop has asked, or in the next few where many do. */
  private lookSoon(): void {
    if (this.isUnderWay || this.asked.size === 0) return;
    this.isUnderWay = true;
    const begin = (): void => {
      const asked = this.takeAlike();
      this.nextAt = asked.length < manyPages ? -Infinity : performance.now() + gatherMs;
      void this.look(asked).finally(() => {
        this.isUnderWay = false;
        this.lookSoon();
      });
    };
    const dueMs = this.nextAt - performance.now();
    if (dueMs > 0 && this.asked.size < mostAtOnce) setTimeout(begin, dueMs);
    else setImmediate(begin);
  }

  private async look(asked: readonly Asked[]): Promise<void> {
    try {
      const pages = await this.reader.eventPages(asked.map(({ place }) => place), asked[0]?.limit ?? 0);
      asked.forEach(({ page }, index) => page.resolve(pages[index] ?? null));
    } catch (error) {
      for (const { page } of asked) page.reject(error);
    }
  }

  private takeAlike(): Asked[] {
    const [first] = this.asked.values();
    const alike = [...this.asked].filter(([, { limit }]) => limit === first?.limit).slice(0, mostAtOnce);
    for (const [key] of alike) this.asked.delete(key);
    return alike.map(([, asked]) => asked);
  }
}
