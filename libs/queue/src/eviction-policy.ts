import type { Redis } from 'ioredis';

/** Told after each connection to Redis. `refuse`: go away, and do not come back before somebody has changed it. */
interface EvictionGuard {
  warn(message: string): void;
  refuse(error: EvictingRedis): void;
}

export class EvictingRedis extends Error {
  constructor(policy: string) {
    super(
      `Redis drops keys when its memory is full (maxmemory-policy is "${policy}"), and would drop parts of the queue. ` +
        'Set maxmemory-policy to noeviction, in redis.conf or in the settings of your Redis service, and start again.',
    );
    this.name = 'EvictingRedis';
  }
}

/**
 * Refuses a Redis that evicts: BullMQ's keys belong together, and a queue that lost some stands still. Throws when the
 * first look finds one, so that a start fails; a Redis that is away, or comes back with another policy, is looked at once
 * it is there.
 */
export async function guardAgainstEviction(redis: Redis, guard: EvictionGuard): Promise<void> {
  const first = (await isReady(redis)) ? await look(redis, guard) : null;
  if (first) throw first;
  redis.on('ready', () => {
    void look(redis, guard).then((found) => found && guard.refuse(found));
  });
}

/** Settles with the first attempt to connect. */
function isReady(redis: Redis): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (ready: boolean): void => {
      redis.off('ready', onReady).off('close', onClose);
      resolve(ready);
    };
    const onReady = (): void => settle(true);
    const onClose = (): void => settle(false);
    redis.once('ready', onReady).once('close', onClose);
  });
}

async function look(redis: Redis, guard: EvictionGuard): Promise<EvictingRedis | null> {
  try {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
    if (policy !== undefined) return policy === 'noeviction' ? null : new EvictingRedis(policy);
  } catch (error) {
    // A connection that broke is looked at again once it is back; what is left is a managed service that hides its policy.
    if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  }
  guard.warn('Redis does not say what it does when its memory is full: make sure that its maxmemory-policy is noeviction.');
  return null;
}
