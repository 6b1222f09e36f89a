import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type RunJob, runQueueName } from './run-queue.js';

/**
 * Takes jobs and hands their run ids to `advance`. BullMQ's own lock and retry matter little here: the run's lease decides
 * who works, and the sweep brings back what failed.
 */
export function startRunWorker(options: {
  /** A patient connection; the worker duplicates it for its blocking reads. */
  redis: Redis;
  concurrency: number;
  advance: (runId: string) => Promise<void>;
  onError: (error: unknown, runId?: string) => void;
}): Worker<RunJob> {
  const worker = new Worker<RunJob>(
    runQueueName,
    async (job: Job<RunJob>) => {
      try {
        await options.advance(job.data.runId);
      } catch (error) {
        options.onError(error, job.data.runId);
      }
    },
    { connection: options.redis, concurrency: options.concurrency, lockDuration: 10_000, stalledInterval: 10_000, maxStalledCount: 1_000 },
  );
  worker.on('error', (error) => options.onError(error));
  return worker;
}
