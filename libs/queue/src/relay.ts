import type { BullRunQueue } from './run-queue.js';

/** What the relay needs of the line of waiting runs; persistence has it. */
export interface Outbox {
  take(limit: number, hand: (runIds: string[]) => Promise<void>): Promise<number>;
  sweep(limit: number): Promise<number>;
}

export interface RelayOptions {
  /**
   * How many jobs may wait in Redis: no more than the workers can soon take, since only what is still in PostgreSQL
   * goes by turns.
   */
  window: number;
  onError: (error: unknown) => void;
}

const sweepLimit = 1_000;
const lookEveryMs = 1_000;
/** An empty queue has room, and as a rule the line is empty as well: whoever begins with the last job goes first. */
const ranEmptyMs = 25;

/**
 * Moves runs from the line into the queue: at once when kicked, and each second together with the sweep for what fell
 * through (a kick that got lost, a dead worker, a flushed Redis, a wait that is over). Runs in every api and worker process.
 */
export class Relay {
  private timer: NodeJS.Timeout | null = null;
  private ranEmptyTimer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private sweeping: Promise<void> = Promise.resolve();
  private again = false;
  private stopped = false;
  private ended = 0;
  /** In the queue, when it was last looked at, less what was handed over then; 0 when that is not known. */
  private room = 0;
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

  kick(): void {
    if (this.stopped) return;
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

  /** Nothing waits in the queue any more: worth a look, though not at once. */
  ranEmpty(): void {
    this.ranEmptyTimer ??= setTimeout(() => this.kick(), ranEmptyMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of [this.timer, this.ranEmptyTimer]) if (timer) clearTimeout(timer);
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

  private async drain(): Promise<void> {
    this.ended = 0;
    if (this.ranEmptyTimer) clearTimeout(this.ranEmptyTimer);
    this.ranEmptyTimer = null;
    try {
      if (this.room >= this.least && !(await this.takeWhileLooking())) return;
      while (!this.stopped) {
        const room = (this.room = await this.lookForRoom());
        if (room <= 0) return;
        const moved = await this.take(room);
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
  private async takeWhileLooking(): Promise<boolean> {
    const [room, moved] = await Promise.allSettled([this.lookForRoom(), this.take(this.least)]);
    if (room.status === 'rejected') throw room.reason;
    if (moved.status === 'rejected') throw moved.reason;
    // The look may have come before the hand-over.
    this.room = room.value - moved.value;
    return moved.value >= this.least;
  }

  private async lookForRoom(): Promise<number> {
    return this.options.window - (await this.queue.backlog());
  }

  private take(limit: number): Promise<number> {
    return this.outbox.take(limit, (runIds) => this.queue.enqueueAll(runIds));
  }
}
