import type { Announcer } from '@slipway/engine';
import type { Redis } from 'ioredis';

/** `grew`: the run's history, for whoever reads it live. `told`: its inbox, for the worker that holds it. */
export type RunTopic = 'grew' | 'told';

/** Says that there is something to look at, and no more than the run's id; where it gets lost, the next look finds it. */
export class RedisAnnouncer implements Announcer {
  constructor(private readonly redis: Redis) {}

  announce(runId: string): void {
    this.publish('grew', runId);
  }

  ring(runId: string): void {
    this.publish('told', runId);
  }

  private publish(topic: RunTopic, runId: string): void {
    this.redis.publish(channelOf(topic), runId).catch(() => undefined);
  }
}

/** Listens on a connection of its own, as Redis asks of subscribers; resubscribes by itself after a reconnect. */
export class RedisAnnouncements {
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(subscriber: Redis, topic: RunTopic) {
    const channel = channelOf(topic);
    subscriber.on('message', (from, runId) => {
      if (from !== channel) return;
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

function channelOf(topic: RunTopic): string {
  return `slipway:run-${topic}`;
}
