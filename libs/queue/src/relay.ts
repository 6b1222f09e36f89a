import type { BullRunQueue } from './run-queue.js';

/** What the relay needs of the line of waiting runs; persistence has it. */
export interface Outbox {
  /** `isPaused`: new runs stay in the line, however few there are. */
  take(limit: number, hand: (runIds: string[]) => Promise<void>): Promise<{ moved: number; isPaused: boolean }>;
  sweep(limit: number): Promise<number>;
}

export interface RelayOptions {
  /**
   * How many jobs may wait in Redis: no more than the workers can soon take, since only what is still in PostgreSQL
   * goes by turns. Each relay holds itself to it by what it has seen of the queue: those that look in the same instant each
   * fill the room they see, so that together they may put there as many as all their windows hold. To agree on it would cost
   * a round trip on the way of every run, and what is too many is worked off before any of them hands over more.
   */
  window: number;
  onError: (error: unknown) => void;
}

const sweepLimit = 1_000;
const lookEveryMs = 1_000;
/** An empty queue has room, and as a rule the line is empty as well: whoever begins with the last job goes first. */
const ranEmptyMs = 100;
/** A run that was handed over ahead is under way by then: to take its row out of the line would have competed with its first steps. */
const aheadMs = 25;

/**
 * Moves runs from the line into the queue: at once when kicked, and each second together with the sweep for what fell
 * through (a kick that got lost, a dead worker, a flushed Redis, a wait that is over). Runs in every api and worker process.
 */
export class Relay {
  private timer: NodeJS.Timeout | null = null;
  /** Of a look that is to come later: after a hand-over ahead of it, or after the queue ran empty. */
  private kickTimer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private sweeping: Promise<void> = Promise.resolve();
  private again = false;
  private stopped = false;
  private ended = 0;
  /** In the queue, when it was last looked at, less what was handed over then; 0 when that is not known. */
  private room = 0;
  /** When the line was last looked at, nobody was left in it, and a new run would not have been held there. */
  private isLineFree = false;
  /** New runs that were handed over before their rows were taken out of the line. */
  private ahead = new Map<string, Promise<void>>();
  /** Room for fewer is not worth another look. */
  private readonly least: number;

  constructor(
    private readonly outbox: Outbox,
    private readonly queue: BullRunQueue,
    private readonly options: RelayOptions,
  ) {
    this.least = Math.max(1, Math.floor(options.window / 4));
  }

  start(): void {
    this.look();
  }

  /** There may be something in the line; `newRun`: a run that was put there just now. */
  kick(newRun?: string): void {
    if (this.stopped) return;
    if (newRun !== undefined && this.isLineFree && this.room >= this.least) {
      this.handAhead(newRun);
      this.kickTimer ??= setTimeout(() => this.kick(), aheadMs);
      return;
    }
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.drain().finally(() => {
      this.running = null;
      if (this.again) {
        this.again = false;
        this.kick();
      }
    });
  }

  /** A job has ended, so there is room: worth a look once a part of the window may have emptied. */
  jobEnded(): void {
    this.ended += 1;
    if (this.ended >= this.least) this.kick();
  }

  /** Nothing waits in the queue any more: worth a look, though not at once, nor while new runs come and empty it again. */
  ranEmpty(): void {
    if (this.kickTimer) clearTimeout(this.kickTimer);
    this.kickTimer = setTimeout(() => this.kick(), ranEmptyMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of [this.timer, this.kickTimer]) if (timer) clearTimeout(timer);
    await Promise.all([this.running, this.sweeping]);
  }

  /** One look at a time, a second after the last has ended: a slow database is not asked more often for it. */
  private look(): void {
    this.sweeping = this.sweep().finally(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.look(), lookEveryMs);
    });
  }

  private async sweep(): Promise<void> {
    try {
      await this.outbox.sweep(sweepLimit);
    } catch (error) {
      this.options.onError(error);
    }
    this.kick();
  }

  /** Whose turn it is need not be asked where nobody waits; its row is fetched a little later, and goes back if this fails. */
  private handAhead(runId: string): void {
    this.room -= 1;
    const handed = this.queue.enqueueAll([runId]);
    handed.catch(() => undefined);
    this.ahead.set(runId, handed);
  }

  private async drain(): Promise<void> {
    const ahead = this.ahead;
    this.ahead = new Map();
    this.ended = 0;
    if (this.kickTimer) clearTimeout(this.kickTimer);
    this.kickTimer = null;
    try {
      if (this.room >= this.least && !(await this.takeWhileLooking(ahead))) return;
      while (!this.stopped) {
        const room = (this.room = await this.lookForRoom());
        if (room <= 0) return;
        const moved = await this.take(room, ahead);
        this.room = room - moved;
        // With little room left, each further look would find the one or two jobs that were taken meanwhile.
        if (moved < room || room < this.least) return;
      }
    } catch (error) {
      this.room = 0;
      this.options.onError(error);
    }
  }

  /**
   * There was room when last looked, so a few may go at once: a run on an idle worker need not wait for a look that says so
   * again. Answers whether the line may hold more.
   */
  private async takeWhileLooking(ahead: ReadonlyMap<string, Promise<void>>): Promise<boolean> {
    const [room, moved] = await Promise.allSettled([this.lookForRoom(), this.take(this.least, ahead)]);
    if (room.status === 'rejected') throw room.reason;
    if (moved.status === 'rejected') throw moved.reason;
    // The look may have come before the hand-over.
    this.room = room.value - moved.value;
    return moved.value >= this.least;
  }

  private async lookForRoom(): Promise<number> {
    return this.options.window - (await this.queue.backlog());
  }

  private async take(limit: number, ahead: ReadonlyMap<string, Promise<void>>): Promise<number> {
    const { moved, isPaused } = await this.outbox.take(limit, async (runIds) => {
      const others = runIds.filter((runId) => !ahead.has(runId));
      if (others.length > 0) await this.queue.enqueueAll(others);
      await Promise.all(runIds.flatMap((runId) => ahead.get(runId) ?? []));
    });
    this.isLineFree = moved < limit && !isPaused;
    return moved;
  }
}
