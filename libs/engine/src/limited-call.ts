const longestTimerMs = 2 ** 31 - 1;

/**
 * A signal that is aborted with another one, where there is one, or after so long. To be released once the call has settled: `AbortSignal.any` and
 * `AbortSignal.timeout` leave that to the garbage collector, where many short calls pile up for as long as their timeouts.
 */
export class LimitedCall {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly outer: AbortSignal | undefined,
    ms: number,
  ) {
    this.timer = setTimeout(this.timeOut, Math.min(ms, longestTimerMs)).unref();
    outer?.addEventListener('abort', this.follow);
    if (outer?.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Rather than aborted with the other one. */
  get isOverdue(): boolean {
    return this.signal.aborted && !this.outer?.aborted;
  }

  release(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.follow);
  }

  private readonly follow = (): void => this.controller.abort(this.outer?.reason);

  private readonly timeOut = (): void => this.controller.abort(new DOMException('It took too long.', 'TimeoutError'));
}
