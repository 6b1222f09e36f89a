import type { FastifyInstance, FastifyRequest } from 'fastify';
import { rateLimited, secondaryRateLimited } from '../../core/rate-limited.js';
import type { World } from '../world.js';
import { credentialOf } from './authenticate.js';

const PER_HOUR = 5_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A read counts one point, a write five; what creates content has limits of its own. */
const POINTS_PER_MINUTE = 900;
const CREATIONS_PER_MINUTE = 80;
const CREATIONS_PER_HOUR = 500;

interface Usage {
  hour: number;
  used: number;
  /** When what was asked in the last hour was asked, and how much it counts. */
  recent: { at: number; points: number; creates: boolean }[];
}

/**
 * Counts what each token asks and shows it in the headers. It refuses only while the fault `limits-enforced` is on: a
 * benchmark or a test that makes fifty services in a minute is no abuse of a sandbox.
 */
export class RateLimits {
  readonly #usage = new Map<string, Usage>();

  constructor(private readonly world: World) {}

  enforce(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) => {
      const usage = this.#usageOf(request);
      const now = this.world.context.clock.now();
      if (request.routeOptions.url?.endsWith('/rate_limit')) return;
      usage.used += 1;
      if (!this.world.context.faults.isOn('github', 'limits-enforced', this.world.viewer.login)) return;
      if (usage.used > PER_HOUR) return void (await rateLimited(reply, now, { delayMs: (usage.hour + 1) * HOUR_MS - now }));
      const waitMs = secondaryWait(usage, request, now);
      if (waitMs > 0) await secondaryRateLimited(reply, { delayMs: waitMs });
    });
  }

  headers(request: FastifyRequest): Record<string, string | number> {
    const { used, reset } = this.view(request);
    return {
      'x-ratelimit-limit': PER_HOUR,
      'x-ratelimit-remaining': Math.max(0, PER_HOUR - used),
      'x-ratelimit-reset': reset,
      'x-ratelimit-used': used,
      'x-ratelimit-resource': 'core',
    };
  }

  view(request: FastifyRequest): { limit: number; used: number; remaining: number; reset: number } {
    const { used, hour } = this.#usageOf(request);
    return { limit: PER_HOUR, used, remaining: Math.max(0, PER_HOUR - used), reset: ((hour + 1) * HOUR_MS) / 1_000 };
  }

  /** What was answered with 304 costs nothing. */
  giveBack(request: FastifyRequest): void {
    this.#usageOf(request).used -= 1;
  }

  #usageOf(request: FastifyRequest): Usage {
    const key = credentialOf(request) ?? '';
    const hour = Math.floor(this.world.context.clock.now() / HOUR_MS);
    const known = this.#usage.get(key);
    if (known?.hour === hour) return known;
    const usage: Usage = { hour, used: 0, recent: known?.recent ?? [] };
    this.#usage.set(key, usage);
    return usage;
  }
}

/** How long to wait, 0 where the request is within the limits; only such a one is counted. */
function secondaryWait(usage: Usage, request: FastifyRequest, now: number): number {
  usage.recent = usage.recent.filter(({ at }) => at > now - HOUR_MS);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const creates = request.method === 'POST' || request.method === 'PUT' || request.method === 'PATCH';
  const lastMinute = usage.recent.filter(({ at }) => at > now - MINUTE_MS);
  const points = lastMinute.reduce((sum, one) => sum + one.points, reads ? 1 : 5);
  const madeInMinute = lastMinute.filter((one) => one.creates).length;
  const madeInHour = usage.recent.filter((one) => one.creates).length;
  if (points > POINTS_PER_MINUTE || (creates && madeInMinute >= CREATIONS_PER_MINUTE)) return MINUTE_MS;
  if (creates && madeInHour >= CREATIONS_PER_HOUR) return HOUR_MS;
  usage.recent.push({ at: now, points: reads ? 1 : 5, creates });
  return 0;
}
