import type { RunEvent } from '@slipway/contracts';
import type { OpenStream } from '../runs/open-streams.js';
import { type RunEventNode, toRunEvent } from './to-graphql.js';

export interface RunEventPayload {
  runEvents: RunEventNode;
}

/**
 * A run's events as a subscription hands them out. Not a generator: the connection ends it with `return` while a
 * `next` is pending, which a generator would only hear of after the next event, perhaps never.
 */
export function followForConnection(events: AsyncIterable<RunEvent>, stream: OpenStream): AsyncIterableIterator<RunEventPayload> {
  const source = events[Symbol.asyncIterator]();
  const done = { done: true, value: undefined } as const;
  return {
    async next() {
      const result = await source.next();
      if (!result.done) return { done: false, value: { runEvents: toRunEvent(result.value) } };
      stream.close();
      return done;
    },
    async return() {
      stream.close();
      return done;
    },
    async throw(error: unknown) {
      stream.close();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
