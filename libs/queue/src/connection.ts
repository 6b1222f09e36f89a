import { Redis } from 'ioredis';

/**
 * Commands fail at once while Redis is away, and soon where it does not answer: nothing here may hang on it, since
 * PostgreSQL knows what is due. A subscriber or a BullMQ worker has nothing to hand in and waits for Redis to come back
 * instead (`patient`).
 */
export function openRedis(url: string, options: { patient?: boolean } = {}): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: options.patient ?? false,
    maxRetriesPerRequest: null,
    // The default backs off to 20 s; a Redis that came back should be noticed within a second.
    retryStrategy: (times) => Math.min(1_000, 50 * times),
    ...(options.patient ? {} : { commandTimeout: 5_000 }),
    // A connection that is open but dead. Only while an answer is awaited; BullMQ's blocking reads take up to 10 s.
    socketTimeout: options.patient ? 20_000 : 10_000,
  });
  // Reported by whoever's command fails; unheard, it would end the process.
  redis.on('error', () => undefined);
  return redis;
}
