/** The part of an answer that speaks of limits. */
interface LimitedAnswer {
  status: number;
  headers: Readonly<Record<string, string | number | undefined>>;
  data: unknown;
}

/**
 * How long GitHub wants to be left alone, in ms; undefined where the answer is about something else. The primary limit shows as
 * `x-ratelimit-remaining: 0` with the time of reset in seconds, on the last answer that was still given, too; the secondary as
 * 403 or 429, with `retry-after` in seconds or nothing, and then GitHub asks for at least a minute
 * (docs.github.com/rest, "Rate limits for the REST API").
 */
export function readRateLimit(answer: LimitedAnswer, now: Date): number | undefined {
  const { 'retry-after': retryAfter, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset } = answer.headers;
  const refused = answer.status === 403 || answer.status === 429;
  if (refused && retryAfter !== undefined && Number.isFinite(Number(retryAfter))) return Number(retryAfter) * 1000;
  if ((refused || answer.status < 300) && String(remaining) === '0' && reset !== undefined) return Math.max(1000, Number(reset) * 1000 - now.getTime());
  if (!refused) return undefined;
  const secondary = /secondary rate|abuse detection/i.test(messageOf(answer.data));
  return answer.status === 429 || secondary ? 60_000 : undefined;
}

function messageOf(body: unknown): string {
  const { message } = (typeof body === 'object' && body !== null ? body : {}) as { message?: unknown };
  return typeof message === 'string' ? message : '';
}
