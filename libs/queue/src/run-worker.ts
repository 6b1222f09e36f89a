import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { closeWithin } from './close-within.js';
import { type RunJob, runQueueName } from './run-queue.js';

interface RunWorkerOptions {
  /** A patient connection; the worker duplicates it for its blocking reads. */
  redis: Redis;
  concurrency: number;
  advance: (runId: string) => Promise<void>;
  onError: (error: unknown, runId?: string) => void;
  /** There is room for another job. */
  onEnded: () => void;
  /** Nothing waits in Redis any more. */
  onDrained: () => void;
}

/** What Redis may take to be told that we leave; by then the runs are handed back, which is all that counts. */
const goodbyeMs = 1_000;

/**
 * Takes jobs and hands their run ids to `advance`. BullMQ's own lock and retry matter little here: the run's lease decides
 * who works, and the sweep brings back what failed.
 */
export class RunWorker {
  private readonly worker: Worker<RunJob>;
  private readonly running = new Map<Job<RunJob>, Promise<void>>();

  constructor(private readonly options: RunWorkerOptions) {
    this.worker = new Worker<RunJob>(runQueueName, (job) => this.work(job), {
      connection: options.redis,
      concurrency: options.concurrency,
      lockDuration: 10_000,
      stalledInterval: 10_000,
      maxStalledCount: 1_000,
    });
    // BullMQ asks Redis for another job before it processes the one it has: the run need not wait for that.
    this.worker.on('active', (job) => void this.begin(job));
    this.worker.on('error', (error) => options.onError(error));
    this.worker.on('drained', () => options.onDrained());
  }

  /** Takes nothing more, and resolves once every `advance` has: BullMQ's own `close` would hang where Redis is away. */
  async stop(): Promise<void> {
    const closed = this.worker.close();
    await Promise.all(this.running.values());
    await closeWithin(goodbyeMs, closed);
  }

  private async work(job: Job<RunJob>): Promise<void> {
    await this.begin(job);
    this.running.delete(job);
    this.options.onEnded();
  }

  /** Once. Not known by the job's id: a Redis that was flushed gives the same ids again. */
  private begin(job: Job<RunJob>): Promise<void> {
    const { runId } = job.data;
    const begun = this.running.get(job) ?? this.options.advance(runId).catch((error: unknown) => this.options.onError(error, runId));
    this.running.set(job, begun);
    return begun;
  }
}
