import type { Writable } from 'node:stream';
import type { RunEvent } from '@slipway/contracts';
import { encodeEvent, keepAliveComment } from './encode-event.js';

interface WriteOptions {
  signal: AbortSignal;
  /** How long to gather events for one write; asked anew for each. */
  coalesceMs(): number;
  keepAliveMs?: number;
  /** How long a reader may leave its connection full before it is cut. */
  patienceMs?: number;
}

/** Gathered at most, in characters; with the socket's own buffer, all that a slow reader can make us hold. */
const bufferLimit = 64 * 1024;

/**
 * Writes events as they come and ends the stream after the last. The next event is asked for only while the reader
 * keeps up, so nothing piles up here; one that does not read for `patienceMs` is cut and may resume by Last-Event-ID.
 */
export async function writeEvents(events: AsyncIterable<RunEvent>, sink: Writable, options: WriteOptions): Promise<void> {
  const writer = new CoalescingWriter(sink, options);
  const keepAlive = setInterval(() => writer.comment(), options.keepAliveMs ?? 15_000);
  try {
    for await (const event of events) {
      writer.add(encodeEvent(event));
      await writer.room();
    }
    writer.flush();
    // Told to stop before the run's end: cut, so that the reader knows there is more.
    if (options.signal.aborted) sink.destroy();
    else if (!sink.destroyed) sink.end();
  } finally {
    clearInterval(keepAlive);
    writer.stop();
  }
}

class CoalescingWriter {
  private gathered = '';
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;
  private full = false;
  private lastWrite = -Infinity;

  constructor(
    private readonly sink: Writable,
    private readonly options: WriteOptions,
  ) {
    sink.on('drain', () => (this.full = false));
  }

  /** The first after a pause goes out at once, with those that come in the same turn; those close behind wait for each other. */
  add(text: string): void {
    this.gathered += text;
    const due = this.lastWrite + this.options.coalesceMs() - performance.now();
    if (this.gathered.length >= Math.min(bufferLimit, this.sink.writableHighWaterMark)) this.flush();
    else if (due <= 0) this.soon ??= setImmediate(() => this.flush());
    else this.timer ??= setTimeout(() => this.flush(), due);
  }

  flush(): void {
    this.stop();
    if (this.gathered === '' || this.sink.destroyed) return;
    this.full = !this.sink.write(this.gathered);
    this.gathered = '';
    this.lastWrite = performance.now();
  }

  comment(): void {
    if (!this.full && !this.sink.destroyed) this.full = !this.sink.write(keepAliveComment);
  }

  /** Resolves once the reader has taken what was written. */
  async room(): Promise<void> {
    if (!this.full) return;
    const drained = await new Promise<boolean>((resolve) => {
      const settle = (value: boolean): void => {
        clearTimeout(patience);
        this.sink.off('drain', onDrain).off('close', onClose);
        resolve(value);
      };
      const onDrain = (): void => settle(true);
      const onClose = (): void => settle(false);
      const patience = setTimeout(() => settle(false), this.options.patienceMs ?? 30_000);
      this.sink.once('drain', onDrain).once('close', onClose);
    });
    if (!drained) throw new ReaderTooSlow();
  }

  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.soon);
    this.timer = this.soon = undefined;
  }
}

/** The reader left its connection full for too long, or is gone. */
export class ReaderTooSlow extends Error {
  constructor() {
    super('The reader of an event stream does not read, or is gone: its connection was cut.');
    this.name = 'ReaderTooSlow';
  }
}
