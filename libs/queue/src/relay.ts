import type { BullRunQueue } from './run-queue.js';

/** What the relay needs of the outbox; persistence has it. */
export interface Outbox {
  take(limit: number, hand: (runIds: string[]) => Promise<void>): Promise<number>;
  sweep(limit: number): Promise<number>;
}

const batch = 100;
/** No more jobs in Redis than the workers can soon take: PostgreSQL holds the line. */
const enoughWaiting = 500;
const sweepEveryMs = 1_000;

/**
 * Moves runs from the outbox into the queue: at once when kicked, and each second together with the sweep for what fell
 * through (a kick that got lost, a dead worker, a flushed Redis). Runs in every api and worker process.
 */
export class Relay {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly queue: BullRunQueue,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep(), sweepEveryMs);
    this.kick();
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

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  private async sweep(): Promise<void> {
    try {
      await this.outbox.sweep(batch);
    } catch (error) {
      this.onError(error);
    }
    this.kick();
  }

  private async drain(): Promise<void> {
    try {
      while (!this.stopped && (await this.queue.backlog()) < enoughWaiting) {
        const moved = await this.outbox.take(batch, (runIds) => this.queue.enqueueAll(runIds));
        if (moved < batch) return;
      }
    } catch (error) {
      this.onError(error);
    }
  }
}
