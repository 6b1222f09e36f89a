import type { Announcer } from '@slipway/engine';
import type { Redis } from 'ioredis';

const channel = 'slipway:run-grew';

/** "This run's history has grown", from whoever writes it to whoever reads it live. Says no more than the run id. */
export class RedisAnnouncer implements Announcer {
  constructor(private readonly redis: Redis) {}

  announce(runId: string): void {
    this.redis.publish(channel, runId).catch(() => undefined);
  }
}

/** Listens on a connection of its own, as Redis asks of subscribers; resubscribes by itself after a reconnect. */
export class RedisAnnouncements {
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(subscriber: Redis) {
    subscriber.on('message', (_channel, runId) => {
      for (const listener of this.listeners.get(runId) ?? []) listener();
    });
    const subscribe = (): void => void subscriber.subscribe(channel).catch(() => undefined);
    if (subscriber.status === 'ready') subscribe();
    subscriber.on('ready', subscribe);
  }

  subscribe(runId: string, listener: () => void): () => void {
    const ofRun = this.listeners.get(runId) ?? new Set();
    this.listeners.set(runId, ofRun);
    ofRun.add(listener);
    return () => {
      ofRun.delete(listener);
      if (ofRun.size === 0 && this.listeners.get(runId) === ofRun) this.listeners.delete(runId);
    };
  }
}
