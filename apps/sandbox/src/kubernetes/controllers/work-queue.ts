import type { Clock } from '../../core/clock.js';

/** How soon a controller looks at an object again after it changed, sandbox milliseconds. */
const REACTION_MS = 60;
const RETRY_MS = 1_000;

/**
 * Keys that wait to be worked on, each once and never two at the same time for one key. A key that fails comes back after a
 * second, for as long as it fails.
 */
export class WorkQueue {
  readonly #waiting = new Map<string, { due: number; cancel: () => void }>();
  readonly #running = new Map<string, Promise<void>>();
  #closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly work: (key: string) => void | Promise<void>,
    private readonly failed: (key: string, error: Error) => void,
  ) {}

  /** A key that waits already keeps the earlier of the two times. */
  add(key: string, delayMs = REACTION_MS): void {
    if (this.#closed) return;
    const due = this.clock.now() + delayMs;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.due <= due) return;
    waiting?.cancel();
    this.#waiting.set(key, { due, cancel: this.clock.after(delayMs, () => this.#start(key)) });
  }

  /** Resolves once what was under way has ended; nothing starts any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  #start(key: string): void {
    this.#waiting.delete(key);
    if (this.#closed) return;
    if (this.#running.has(key)) {
      this.add(key);
      return;
    }
    this.#running.set(key, this.#run(key));
  }

  async #run(key: string): Promise<void> {
    try {
      await this.work(key);
    } catch (error) {
      this.failed(key, error as Error);
      this.add(key, RETRY_MS);
    } finally {
      this.#running.delete(key);
    }
  }
}
