import type { Operation } from './application.js';

const DEFAULT_BACKOFF_MS = 5_000;
const DEFAULT_LONGEST_BACKOFF_MS = 180_000;

/** How long an operation waits before it is tried again. */
export function backoffMs(operation: Operation, attempt: number): number {
  const { duration, factor = 2, maxDuration } = operation.retry.backoff ?? {};
  const first = goDurationMs(duration) ?? DEFAULT_BACKOFF_MS;
  return Math.min(first * factor ** attempt, goDurationMs(maxDuration) ?? DEFAULT_LONGEST_BACKOFF_MS);
}

/** Durations as Go writes them, 1h30m or 500ms; a bare number counts seconds. */
function goDurationMs(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) total += Number(amount) * units[unit!]!;
  return total;
}
