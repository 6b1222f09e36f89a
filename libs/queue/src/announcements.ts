import type { Announcer } from '@slipway/engine';
import type { Redis } from 'ioredis';

/** `grew`: the run's history, for whoever reads it live. `told`: its inbox, for the worker that holds it. */
export type RunTopic = 'grew' | 'told';

/** So often and no more, whatever has grown meanwhile together: each message costs its sender, Redis and every reader's look. */
const gatherMs = 25;

/** Says that there is something to look at, and no more than the runs' ids; where it gets lost, the next look finds it. */
export class RedisAnnouncer implements Announcer {
  private readonly grown = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private lastPublished = -Infinity;

  constructor(private readonly redis: Redis) {}

  /** What comes after a pause waits for its turn of the event loop alone. */
  announce(runId: string, urgent = false): void {
    this.grown.add(runId);
    if (urgent) return this.publishGrown();
    const dueMs = Math.max(0, this.lastPublished + gatherMs - performance.now());
    this.timer ??= setTimeout(() => this.publishGrown(), dueMs).unref();
  }

  ring(runId: string): void {
    this.publish('told', [runId]);
  }

  private publishGrown(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.lastPublished = performance.now();
    this.publish('grew', [...this.grown]);
    this.grown.clear();
  }

  private publish(topic: RunTopic, runIds: string[]): void {
    this.redis.publish(channelOf(topic), runIds.join(' ')).catch(() => undefined);
  }
}

/** Listens on a connection of its own, as Redis asks of subscribers; resubscribes by itself after a reconnect. */
export class RedisAnnouncements {
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(subscriber: Redis, topic: RunTopic) {
    const channel = channelOf(topic);
    subscriber.on('message', (from, runIds) => {
      if (from !== channel) return;
      for (const runId of runIds.split(' ')) for (const listener of this.listeners.get(runId) ?? []) listener();
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
