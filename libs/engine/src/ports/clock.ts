export interface Clock {
  now(): Date;
  /** Resolves after `ms`; rejects with the signal's reason once aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
