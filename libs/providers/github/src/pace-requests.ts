import { type Demand, NotNow, type Pass, type RateLimiter } from '@slipway/engine';
import type { Octokit } from 'octokit';
import type { CallContext } from './client.js';
import { readRateLimit } from './rate-limit.js';

/** A worker is not kept longer by one call that stands in line; the step comes back later. */
const patienceMs = 10_000;
/** Beyond the deadline of any request: so long a call that nobody ended keeps the others waiting. */
const leaseMs = 30_000;

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;

interface Pace {
  limiter: RateLimiter;
  /** Names the credential that the limits count for. */
  budget: string;
  ctx: Pick<CallContext, 'clock' | 'signal'>;
}

/** Lets each request of this client leave when it may, and tells everybody else when GitHub asks for a pause. */
export function paceRequests(octokit: Octokit, pace: Pace): void {
  octokit.hook.wrap('request', async (request, options) => {
    const pass = await stand(pace, demandOf(options.method, options.url));
    try {
      const response = await request(options);
      await heed(pace, response);
      return response;
    } catch (error) {
      await heed(pace, (error as { response?: Parameters<typeof readRateLimit>[0] }).response);
      throw error;
    } finally {
      await pass.done();
    }
  });
}

/**
 * GitHub's limits for one credential: 900 points a minute, of which a read costs one and a write five; writes one after
 * another, a second apart, three where people are notified; 80 creations a minute and 500 an hour
 * (docs.github.com/rest, "Rate limits for the REST API" and "Best practices").
 */
export function demandOf(method: string, url: string): Demand {
  const reads = method === 'GET' || method === 'HEAD';
  const points = { name: 'points', most: 900, perMs: minute, cost: reads ? 1 : 5 };
  if (reads) return { within: [points] };
  const creates = method === 'DELETE' ? 0 : 1;
  return {
    alone: { gapMs: notifies(method, url) ? 3 * second : second, leaseMs },
    within: [
      points,
      { name: 'creations-minute', most: 80, perMs: minute, cost: creates },
      { name: 'creations-hour', most: 500, perMs: hour, cost: creates },
    ],
  };
}

function notifies(method: string, url: string): boolean {
  return method === 'POST' && /\/(pulls|issues|comments|requested_reviewers|releases|invitations)$/.test(url);
}

async function stand({ limiter, budget, ctx }: Pace, demand: Demand): Promise<Extract<Pass, { granted: true }>> {
  const until = ctx.clock.now().getTime() + patienceMs;
  for (;;) {
    ctx.signal.throwIfAborted();
    const pass = await limiter.take(budget, demand);
    if (pass.granted) return pass;
    const afterMs = pass.afterMs + some(pass.afterMs);
    if (ctx.clock.now().getTime() + afterMs > until) throw new NotNow({ afterMs: pass.afterMs + some(patienceMs), reason: reasonFor(pass.because) });
    await ctx.clock.sleep(afterMs, ctx.signal);
  }
}

/** So that all who were turned away do not come back together. */
function some(ms: number): number {
  return Math.random() * Math.min(ms, patienceMs) * 0.5;
}

function reasonFor(because: Extract<Pass, { granted: false }>['because']): string {
  switch (because) {
    case 'another call is under way':
      return 'GitHub lets one change at a time; others stand before this one.';
    case 'the allowance is used up':
      return 'As much was asked of GitHub as it allows; it goes on when there is room again.';
    case 'a pause was asked for':
      return 'GitHub asked us to stay away for a while.';
  }
}

async function heed({ limiter, budget, ctx }: Pace, response: Parameters<typeof readRateLimit>[0] | undefined): Promise<void> {
  const waitMs = response && readRateLimit(response, ctx.clock.now());
  if (waitMs !== undefined) await limiter.pause(budget, waitMs);
}
