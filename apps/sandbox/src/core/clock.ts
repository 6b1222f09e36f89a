import type { Collection } from './store.js';

interface Timer {
  due: number;
  run(): void;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The sandbox's time: the machine's time plus a shift that PUT /clock grows. Every lease, token and clock of a stand-in
 * reads this one, so that advancing it expires them at once. The shift survives a restart; timers do not.
 */
export class Clock {
  readonly #timers = new Set<Timer>();
  #wake: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;
  #shift: number;
  #second = NaN;
  #timestamp = '';

  constructor(private readonly kept?: Collection<number>) {
    this.#shift = kept?.get('shift') ?? 0;
  }

  /** Milliseconds since the epoch, shifted. */
  now(): number {
    return Date.now() + this.#shift;
  }

  /** Now, as the APIs write times: ISO 8601 in whole seconds. Written once a second, and asked for a hundred times. */
  timestamp(): string {
    const second = Math.floor(this.now() / 1_000);
    if (second !== this.#second) this.#timestamp = new Date(second * 1_000).toISOString().replace('.000Z', 'Z');
    this.#second = second;
    return this.#timestamp;
  }

  /** Moves time forward by an ISO 8601 duration of weeks, days, hours, minutes and seconds; what became due runs at once. */
  advance(isoDuration: string): void {
    this.#shift += durationMs(isoDuration);
    this.kept?.set('shift', this.#shift);
    this.#runDue();
  }

  /** Runs `fn` once, `ms` of sandbox time from now. The function returned cancels it. */
  after(ms: number, fn: () => void): () => void {
    const timer: Timer = { due: this.now() + ms, run: fn };
    this.#timers.add(timer);
    // One that comes later than the next wake-up is found then: thousands of timers cost nothing to add.
    if (timer.due < this.#wakesAt) this.#wakeAt(timer.due);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Resolves after `ms` of sandbox time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  stop(): void {
    clearTimeout(this.#wake);
    this.#timers.clear();
  }

  #wakeAt(due: number): void {
    clearTimeout(this.#wake);
    this.#wakesAt = due;
    if (due === Infinity) return;
    const delay = Math.min(Math.max(due - this.now(), 0), LONGEST_TIMEOUT_MS);
    this.#wake = setTimeout(() => this.#runDue(), delay).unref();
  }

  #runDue(): void {
    const now = this.now();
    const due = [...this.#timers].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
    for (const timer of due) {
      // A timer that ran before may have cancelled this one.
      if (this.#timers.delete(timer)) timer.run();
    }
    let next = Infinity;
    for (const timer of this.#timers) next = Math.min(next, timer.due);
    this.#wakeAt(next);
  }
}

/** @throws RangeError on anything but an ISO 8601 duration without years and months. */
export function durationMs(iso: string): number {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(iso);
  if (!match || iso === 'P' || iso.endsWith('T')) {
    const understood = 'an ISO 8601 duration of weeks, days, hours, minutes and seconds';
    throw new RangeError(`"${iso}" is not ${understood}; write one such as PT1H30M.`);
  }
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const inDays = (weeks ?? 0) * 7 + (days ?? 0);
  const inMinutes = (inDays * 24 + (hours ?? 0)) * 60 + (minutes ?? 0);
  return (inMinutes * 60 + (seconds ?? 0)) * 1000;
}
