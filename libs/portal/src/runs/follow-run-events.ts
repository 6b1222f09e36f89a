import { isTerminal, type Principal, type RunEvent } from '@slipway/contracts';
import type { Clock } from '@slipway/engine';
import type { Announcements } from './announcements.js';
import type { RunReader } from './run-reader.js';
import { visibleRun } from './visible-run.js';

const pageSize = 500;
const lookAgainMs = 1_000;

export interface FollowRunEventsDeps {
  runs: RunReader;
  announcements: Announcements;
  clock: Clock;
}

export interface FollowRunEventsQuery {
  principal: Principal;
  runId: string;
  /** The `seq` of the last event the reader has; 0 for all. */
  afterSeq: number;
  /** Ends the iteration, without an error. */
  signal: AbortSignal;
}

/**
 * A run's events from `afterSeq` on, in order, none twice and none missed, until the run has ended and all of them were
 * handed out. The database is the source throughout; an announcement only says that looking is worth while.
 * Throws `not_found` at once, before the first event is asked for.
 */
export async function followRunEvents(deps: FollowRunEventsDeps, query: FollowRunEventsQuery): Promise<AsyncIterable<RunEvent>> {
  await visibleRun(deps.runs, query.principal, query.runId);
  return eventsUntilTheEnd(deps, query);
}

async function* eventsUntilTheEnd(deps: FollowRunEventsDeps, query: FollowRunEventsQuery): AsyncGenerator<RunEvent> {
  const { runId, signal } = query;
  const bell = new Bell();
  const unsubscribe = deps.announcements.subscribe(runId, () => bell.ring());
  try {
    let after = query.afterSeq;
    while (!signal.aborted) {
      // Silenced before looking, so that what is announced during the look is still heard afterwards.
      bell.silence();
      const page = await deps.runs.eventsAfter(runId, after, pageSize);
      if (!page) return;
      for (const event of page.events) {
        if (signal.aborted) return;
        yield event;
        after = event.seq;
      }
      if (page.events.length > 0 && after < page.lastSeq) continue;
      if (isTerminal(page.status)) return;
      await rungOrDue(bell, deps.clock, signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Remembers one ring until it is silenced. */
class Bell {
  private rung = Promise.withResolvers<void>();

  ring(): void {
    this.rung.resolve();
  }

  silence(): void {
    this.rung = Promise.withResolvers<void>();
  }

  heard(): Promise<void> {
    return this.rung.promise;
  }
}

async function rungOrDue(bell: Bell, clock: Clock, signal: AbortSignal): Promise<void> {
  const awake = new AbortController();
  try {
    await Promise.race([bell.heard(), clock.sleep(lookAgainMs, AbortSignal.any([signal, awake.signal]))]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    awake.abort();
  }
}
