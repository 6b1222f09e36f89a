/**
 * A failure as the provider classifies it; the engine acts on the class alone.
 * - `retry`: may pass by itself; tried again inside the step's bounds, not before `retryAfterMs`.
 * - `fatal`: trying again cannot help (bad input, permission, conflict with something foreign).
 * - `lost`: the outcome is unknown (a timeout after sending); tried again like `retry`, and `run` looks before it acts.
 * The message says what happened, to what and why; the remedy what to do next. Neither ever holds a secret value.
 */
export class StepError extends Error {
  readonly remedy?: string;
  readonly retryAfterMs?: number;

  constructor(
    readonly classification: 'retry' | 'fatal' | 'lost',
    /** Stable: `<provider>_<what>`, e.g. `github_name_taken`. */
    readonly code: string,
    message: string,
    options: { remedy?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StepError';
    if (options.remedy !== undefined) this.remedy = options.remedy;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}
