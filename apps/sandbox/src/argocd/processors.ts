/** As many tasks at a time as there are processors; the others wait, first come, first served. */
export class Processors {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  /** Tasks that wait for nothing would hold up everything else: requests come in between two of them. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) setImmediate(next);
    else this.#free += 1;
  }
}
