import { useEffect, useState } from 'react';
import { followRun, type Resource } from '../api/run-events.js';
import { emptyHistory, withEvents } from '../runs/run-history.js';

/**
 * What an entity's runs have made, as their histories tell it from the oldest run to the newest. One stream at a time:
 * a browser opens few connections to one server. The newest run's stays open, so what it makes shows as it comes.
 */
export function useEntityResources(runIds: readonly string[]): readonly Resource[] {
  const [resources, setResources] = useState<readonly Resource[]>([]);
  const key = runIds.join(' ');
  useEffect(() => {
    const oldestFirst = key.split(' ').filter(Boolean).reverse();
    let known = emptyHistory;
    let stop = (): void => {};
    const follow = (index: number): void => {
      const runId = oldestFirst[index];
      if (runId === undefined) return;
      known = { ...known, seq: 0 };
      stop = followRun(runId, 0, {
        onEvent(event) {
          if (event.type !== 'resource') return;
          known = withEvents(known, [event]);
          setResources(known.resources);
        },
        onOpen() {},
        onInterrupted() {
          if (index < oldestFirst.length - 1) follow(index + 1);
          // The newest run's page follows it to the end; here, a stream that ended is enough.
          return 'stop';
        },
        onRefused() {},
      });
    };
    follow(0);
    return () => stop();
  }, [key]);
  return resources;
}
