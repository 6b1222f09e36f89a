import { isTerminal, type Principal, type RunEvent } from '@slipway/contracts';
import type { Clock } from '@slipway/engine';
import type { Announcements } from './announcements.js';
import type { RunReader } from './run-reader.js';
import { assertVisibleRun } from './visible-run.js';

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
  await assertVisibleRun(deps.runs, query.principal, query.runId);
  return eventsUntilTheEnd(deps, query);
}

async function* eventsUntilTheEnd(deps: FollowRunEventsDeps, query: FollowRunEventsQuery): AsyncGenerator<RunEvent> {
  const { runId, signal } = query;
  const bell = new Bell(deps.clock);
  const over = new AbortController();
  const unsubscribe = deps.announcements.subscribe(runId, () => bell.ring());
  void ringWhenDue(bell, deps.clock, AbortSignal.any([signal, over.signal]));
  try {
    let after = query.afterSeq;
    while (!signal.aborted) {
      // Silenced before looking, so that what is announced during the look is still heard afterwards.
      bell.silence();
      const [page] = await deps.runs.eventPages([{ runId, after }], pageSize);
      if (!page) return;
      for (const event of page.events) {
        if (signal.aborted) return;
        yield event;
        after = event.seq;
      }
      if (page.events.length > 0 && after < page.lastSeq) continue;
      if (isTerminal(page.status)) return;
      await bell.heard();
    }
  } finally {
    over.abort();
    unsubscribe();
  }
}

/** Remembers one ring until it is silenced. */
class Bell {
  private rung = Promise.withResolvers<void>();
  private silencedAt = 0;

  constructor(private readonly clock: Clock) {}

  ring(): void {
    this.rung.resolve();
  }

  silence(): void {
    this.rung = Promise.withResolvers<void>();
    this.silencedAt = this.clock.now().getTime();
  }

  heard(): Promise<void> {
    return this.rung.promise;
  }

  silentForMs(): number {
    return this.clock.now().getTime() - this.silencedAt;
  }
}

/** For the announcement that gets lost, and at the end. One timer for each second, however often the bell rings meanwhile. */
async function ringWhenDue(bell: Bell, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const leftMs = lookAgainMs - bell.silentForMs();
    if (leftMs <= 0) bell.ring();
    await clock.sleep(leftMs <= 0 ? lookAgainMs : leftMs, signal).catch(() => undefined);
  }
  bell.ring();
}
