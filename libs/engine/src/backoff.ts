/**
 * Exponential with full jitter: anywhere between nothing and the bound, so that many that failed together do not come
 * back together. `attempt` counts from 1 (the one that just failed). Never sooner than the other side asked for.
 */
export function backoffMs(attempt: number, retryAfterMs = 0, random: () => number = Math.random): number {
  const bound = Math.min(30_000, 250 * 2 ** (attempt - 1));
  return Math.max(retryAfterMs, Math.round(random() * bound));
}
