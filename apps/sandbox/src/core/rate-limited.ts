import type { FastifyReply } from 'fastify';
import type { Fault } from './fault.js';

const DOCUMENTATION = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** GitHub's refusal of one who used up the hour's requests: it says when the next hour begins, and no retry-after. */
export function rateLimited(reply: FastifyReply, now: number, { status = 403, delayMs = HOUR_MS }: Pick<Fault, 'status' | 'delayMs'>) {
  const message = 'API rate limit exceeded for user ID 90002. If you reach out to GitHub Support for help, please include the request ID.';
  const limit = 5_000;
  return reply
    .code(status)
    .headers({
      'x-ratelimit-limit': limit,
      'x-ratelimit-remaining': 0,
      'x-ratelimit-used': limit,
      'x-ratelimit-reset': Math.ceil((now + delayMs) / 1_000),
      'x-ratelimit-resource': 'core',
    })
    .send({ message, documentation_url: DOCUMENTATION, status: String(status) });
}

/** GitHub's refusal of one who asks too much at once: the hour's requests are not used up, and retry-after says how long. */
export function secondaryRateLimited(reply: FastifyReply, { status = 403, delayMs = MINUTE_MS }: Pick<Fault, 'status' | 'delayMs'>) {
  const message =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. ' +
    'If you reach out to GitHub Support for help, please include the request ID.';
  return reply
    .code(status)
    .header('retry-after', Math.ceil(delayMs / 1_000))
    .send({ message, documentation_url: `${DOCUMENTATION}#about-secondary-rate-limits`, status: String(status) });
}
