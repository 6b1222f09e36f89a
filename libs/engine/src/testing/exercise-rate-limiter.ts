import { setTimeout as pause } from 'node:timers/promises';
import type { Demand, Pass, RateLimiter } from '../ports/rate-limiter.js';

/** What every `RateLimiter` must do. `make` is called once per limiter that a test needs: they stand for processes that share one pace. */
export function exerciseRateLimiter(make: () => RateLimiter): void {
  let budgets = 0;
  const aBudget = (): string => `budget ${process.pid} ${(budgets += 1)}`;
  const alone = (gapMs: number, leaseMs = 10_000): Demand => ({ alone: { gapMs, leaseMs }, within: [] });
  const points = (most: number, perMs: number, cost = 1): Demand => ({ within: [{ name: 'points', most, perMs, cost }] });

  it('lets one call alone, and the next after the gap', async () => {
    const [limiter, budget] = [make(), aBudget()];
    const begun = Date.now();
    const first = granted(await limiter.take(budget, alone(1_500)));
    expect(await limiter.take(budget, alone(1_500))).toMatchObject({ granted: false, because: 'another call is under way' });
    await first.done();
    expect(await limiter.take(budget, alone(1_500))).toMatchObject({ granted: false, afterMs: expect.any(Number) });
    await untilGranted(limiter, budget, alone(1_500));
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_495);
  });

  it('keeps the others waiting for a call that takes longer than the gap, and lets those through that need not be alone', async () => {
    const [limiter, budget] = [make(), aBudget()];
    const first = granted(await limiter.take(budget, alone(1)));
    await pause(20);
    expect(await limiter.take(budget, alone(1))).toMatchObject({ granted: false, because: 'another call is under way' });
    granted(await limiter.take(budget, points(10, 60_000)));
    await first.done();
    await untilGranted(limiter, budget, alone(1));
  });

  it('goes on without a pass that was never given back, and minds no late return of it', async () => {
    const [limiter, budget] = [make(), aBudget()];
    const lost = granted(await limiter.take(budget, alone(1, 60)));
    const second = await untilGranted(limiter, budget, alone(1));
    await lost.done();
    expect((await limiter.take(budget, alone(1))).granted).toBe(false);
    await second.done();
  });

  it('counts points over any stretch of time, and says when there are some again', async () => {
    const [limiter, budget] = [make(), aBudget()];
    const begun = Date.now();
    for (let taken = 0; taken < 6; taken += 2) granted(await limiter.take(budget, points(6, 2_000, 2)));
    const refused = await limiter.take(budget, points(6, 2_000));
    expect(refused).toMatchObject({ granted: false, because: 'the allowance is used up' });
    expect(refused.granted ? 0 : refused.afterMs).toBeLessThanOrEqual(2_000);
    await untilGranted(limiter, budget, points(6, 2_000));
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_995);
  });

  it('takes nothing from one allowance where the other is used up', async () => {
    const [limiter, budget] = [make(), aBudget()];
    const both = (cost: number): Demand => ({
      within: [
        { name: 'wide', most: 3, perMs: 60_000, cost: 1 },
        { name: 'narrow', most: 1, perMs: 60_000, cost },
      ],
    });
    granted(await limiter.take(budget, both(1)));
    for (let refused = 0; refused < 5; refused += 1) expect((await limiter.take(budget, both(1))).granted).toBe(false);
    for (let wide = 0; wide < 2; wide += 1) granted(await limiter.take(budget, both(0)));
    expect((await limiter.take(budget, both(0))).granted).toBe(false);
  });

  it('holds everybody for as long as was asked for, and no less when asked again', async () => {
    const [limiter, budget] = [make(), aBudget()];
    const begun = Date.now();
    await limiter.pause(budget, 1_500);
    await limiter.pause(budget, 1);
    expect(await limiter.take(budget, points(1, 1))).toMatchObject({ granted: false, because: 'a pause was asked for' });
    granted(await limiter.take(aBudget(), points(1, 1)));
    await untilGranted(limiter, budget, points(1, 1));
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_495);
  });
}

export function granted(pass: Pass): Extract<Pass, { granted: true }> {
  if (!pass.granted) throw new Error(`There is no pass for ${pass.afterMs} ms: ${pass.because}.`);
  return pass;
}

async function untilGranted(limiter: RateLimiter, budget: string, demand: Demand): Promise<Extract<Pass, { granted: true }>> {
  for (const deadline = Date.now() + 10_000; ; ) {
    const pass = await limiter.take(budget, demand);
    if (pass.granted) return pass;
    if (Date.now() > deadline) throw new Error('There was no pass within 10 s.');
    await pause(Math.min(pass.afterMs, 50));
  }
}
