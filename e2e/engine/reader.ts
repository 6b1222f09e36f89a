import type { Principal, RunEvent } from '@slipway/contracts';
import { type FollowRunEventsDeps, followRunEvents } from '@slipway/portal';

/** A connection is cut after so many events, so that each history is put together from many. */
const eventsPerConnection = 7;

/** One who watches a run live, over connections that keep breaking. */
export class Reader {
  readonly events: RunEvent[] = [];
  readonly done: Promise<void>;
  private readonly stopped = new AbortController();

  constructor(private readonly run: FollowRunEventsDeps & { principal: Principal; runId: string }) {
    this.done = this.read();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.done;
  }

  private async read(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      // PostgreSQL may be away; the reader comes back with the last number it has.
      if (await this.connection().catch(() => false)) return;
    }
  }

  /** True once the history is complete. */
  private async connection(): Promise<boolean> {
    const { principal, runId } = this.run;
    const signal = this.stopped.signal;
    const afterSeq = this.events.at(-1)?.seq ?? 0;
    let received = 0;
    for await (const event of await followRunEvents(this.run, { principal, runId, afterSeq, signal })) {
      this.events.push(event);
      if ((received += 1) >= eventsPerConnection) return false;
    }
    return !signal.aborted;
  }
}
