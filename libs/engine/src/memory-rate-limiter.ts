import type { Clock } from './ports/clock.js';
import { type Allowance, type Demand, lookAgainMs, type Pass, type RateLimiter } from './ports/rate-limiter.js';

interface Budget {
  pausedUntil: number;
  /** Who calls alone, and until when at most. */
  alone: { holder: object; until: number } | null;
  nextAloneAt: number;
  /** When each point was taken, oldest first. */
  taken: Map<string, number[]>;
}

/** For one process: the command line, tests, and a worker whose Redis is away. */
export class MemoryRateLimiter implements RateLimiter {
  private readonly budgets = new Map<string, Budget>();

  constructor(private readonly clock: Clock) {}

  take(key: string, demand: Demand): Promise<Pass> {
    const now = this.clock.now().getTime();
    const budget = this.budget(key);
    const refusal = refusalOf(budget, demand, now);
    if (refusal) return Promise.resolve(refusal);
    const holder = {};
    if (demand.alone) {
      budget.alone = { holder, until: now + demand.alone.leaseMs };
      budget.nextAloneAt = now + demand.alone.gapMs;
    }
    for (const { name, cost } of demand.within) takenOf(budget, name).push(...Array.from({ length: cost }, () => now));
    const done = (): Promise<void> => {
      if (budget.alone?.holder === holder) budget.alone = null;
      return Promise.resolve();
    };
    return Promise.resolve({ granted: true, done });
  }

  pause(key: string, ms: number): Promise<void> {
    const budget = this.budget(key);
    budget.pausedUntil = Math.max(budget.pausedUntil, this.clock.now().getTime() + ms);
    return Promise.resolve();
  }

  private budget(key: string): Budget {
    const budget = this.budgets.get(key) ?? { pausedUntil: 0, alone: null, nextAloneAt: 0, taken: new Map<string, number[]>() };
    this.budgets.set(key, budget);
    return budget;
  }
}

function refusalOf(budget: Budget, demand: Demand, now: number): Pass | null {
  if (budget.pausedUntil > now) return { granted: false, afterMs: budget.pausedUntil - now, because: 'a pause was asked for' };
  const spentMs = Math.max(0, ...demand.within.map((allowance) => waitFor(takenOf(budget, allowance.name), allowance, now)));
  if (spentMs > 0) return { granted: false, afterMs: spentMs, because: 'the allowance is used up' };
  if (!demand.alone) return null;
  const busyMs = budget.alone && budget.alone.until > now ? lookAgainMs : 0;
  const aloneMs = Math.max(busyMs, budget.nextAloneAt - now);
  return aloneMs > 0 ? { granted: false, afterMs: aloneMs, because: 'another call is under way' } : null;
}

/** Until enough of the points that were taken are so old that they no longer count. */
function waitFor(taken: number[], { most, perMs, cost }: Allowance, now: number): number {
  taken.splice(0, taken.findLastIndex((at) => at <= now - perMs) + 1);
  const tooMany = taken.length + cost - most;
  const freed = tooMany > 0 ? taken[tooMany - 1] : undefined;
  return freed === undefined ? 0 : freed + perMs - now;
}

function takenOf({ taken }: Budget, name: string): number[] {
  const known = taken.get(name) ?? [];
  taken.set(name, known);
  return known;
}
