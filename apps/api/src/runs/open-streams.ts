import type { IncomingMessage } from 'node:http';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';

/** Up to so many readers every event is written the moment it comes; beyond that, writes are worth sharing. */
const fewReaders = 20;
const manyReadersMs = 50;

/** Everyone who follows a run right now, by whichever door: a stream ends with its connection, or when we shut down. */
@Injectable()
export class OpenStreams implements BeforeApplicationShutdown {
  private readonly active = new Set<AbortController>();
  private closing = false;

  constructor(private readonly metrics: Metrics) {}

  open(connection?: IncomingMessage): OpenStream {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (this.closing) abort();
    this.active.add(controller);
    this.metrics.streams.set(this.active.size);
    connection?.socket.once('close', abort);
    return {
      signal: controller.signal,
      close: () => {
        connection?.socket.off('close', abort);
        abort();
        this.active.delete(controller);
        this.metrics.streams.set(this.active.size);
      },
    };
  }

  coalesceMs(): number {
    return this.active.size > fewReaders ? manyReadersMs : 0;
  }

  beforeApplicationShutdown(): void {
    this.closing = true;
    for (const controller of this.active) controller.abort();
  }
}

export interface OpenStream {
  signal: AbortSignal;
  close(): void;
}
