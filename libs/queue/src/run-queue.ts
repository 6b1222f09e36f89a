import type { RunQueue } from '@slipway/engine';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { closeWithin } from './close-within.js';

export const runQueueName = 'slipway-runs';

/** A job carries only the run id. */
export interface RunJob {
  runId: string;
}

/** A longer wait rests in PostgreSQL, where the sweep finds it when it is due: 10,000 waiting runs are no jobs in Redis. */
const longestDelayMs = 30_000;

const closeMs = 1_000;

/** The wake-ups of runs in Redis. A failed `enqueue` is swallowed on purpose: the sweep finds what is due within seconds. */
export class BullRunQueue implements RunQueue {
  private queue: Queue<RunJob> | null = null;

  constructor(private readonly redis: Redis) {}

  async enqueue(runId: string, delayMs = 0): Promise<void> {
    if (delayMs > longestDelayMs) return;
    await this.use((queue) => queue.add('advance', { runId }, delayMs > 0 ? { delay: delayMs } : {})).catch(() => undefined);
  }

  /** For the relay: throws when Redis did not take them, so that the line keeps them. */
  async enqueueAll(runIds: string[]): Promise<void> {
    const jobs = runIds.map((runId) => ({ name: 'advance', data: { runId } }));
    // One alone needs no transaction.
    await this.use(async (queue) => (jobs[0] && jobs.length === 1 ? queue.add(jobs[0].name, jobs[0].data) : queue.addBulk(jobs)));
  }

  /** How many jobs wait for a worker. */
  async backlog(): Promise<number> {
    return this.use((queue) => queue.getWaitingCount());
  }

  /** Bounded, and silent: where Redis is away there is nothing left to save. */
  async close(): Promise<void> {
    if (this.queue) await closeWithin(closeMs, this.queue.close());
  }

  /** BullMQ asks Redis for its version first, and only once: a queue whose question failed would refuse everything for ever. */
  private async use<T>(work: (queue: Queue<RunJob>) => Promise<T>): Promise<T> {
    const queue = (this.queue ??= this.open());
    try {
      await queue.waitUntilReady();
    } catch (error) {
      if (this.queue === queue) this.queue = null;
      void closeWithin(closeMs, queue.close());
      throw error;
    }
    return work(queue);
  }

  private open(): Queue<RunJob> {
    const queue = new Queue<RunJob>(runQueueName, {
      connection: this.redis,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    queue.on('error', () => undefined);
    return queue;
  }
}
