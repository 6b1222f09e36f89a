/** Values in memory only, at the moment of use. Every value handed out is from then on redacted from the run's log. */
export interface Secrets {
  /** Throws `StepError` (`secret_not_found`, `secret_unavailable`) naming the reference, never the value. */
  resolve(reference: string): Promise<string>;
  /** For values that come from elsewhere (an issued credential): redact them too. */
  protect(value: string): void;
}

/** One provider's part of `Secrets`; composed in the apps. */
export interface SecretResolver {
  resolve(path: string, key: string | undefined, signal?: AbortSignal): Promise<string>;
}
