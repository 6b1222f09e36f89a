import type { EventPage, RunReader } from '@slipway/portal';

/**
 * Readers who follow the same run are woken together and ask for the same page: they share one look, and the events it
 * brings. A look may be joined only until it begins, since one under way may not see what a reader was just told of.
 */
export function shareEventPages(reader: RunReader): RunReader {
  const gathering = new Map<string, Promise<EventPage | null>>();
  return {
    find: (runId) => reader.find(runId),
    list: (query) => reader.list(query),
    results: (runId) => reader.results(runId),
    resources: (runId) => reader.resources(runId),
    typedSecrets: (runId) => reader.typedSecrets(runId),
    logLines: (runId, offset, limit) => reader.logLines(runId, offset, limit),
    eventsAfter(runId, after, limit) {
      const key = `${runId} ${after} ${limit}`;
      const joined = gathering.get(key);
      if (joined) return joined;
      const look = endOfTurn().then(() => {
        gathering.delete(key);
        return reader.eventsAfter(runId, after, limit);
      });
      gathering.set(key, look);
      return look;
    },
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
