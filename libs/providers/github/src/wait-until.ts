import type { CallContext } from './client.js';

/** Looks until there is something to see, more and more rarely. Undefined once the deadline has passed. */
export async function waitUntil<T>(
  ctx: Pick<CallContext, 'clock' | 'signal'>,
  deadlineMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const until = ctx.clock.now().getTime() + deadlineMs;
  for (let pause = 200; ; pause = Math.min(pause * 2, 2_000)) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (ctx.clock.now().getTime() + pause > until) return undefined;
    await ctx.clock.sleep(pause, ctx.signal);
  }
}
