import { z } from 'zod';
import { DurationParts, partsMs } from '../duration.js';
import { type StepContext, defineStep } from '../step-definition.js';

/** Waits for so long, and holds no worker meanwhile. */
export const debugWait = defineStep<z.infer<typeof DurationParts>, Record<string, never>>({
  id: 'debug:wait',
  description: 'Waits for a length of time.',
  input: DurationParts,
  output: z.object({}),
  workspace: 'none',
  run(ctx, input) {
    const now = ctx.clock.now().getTime();
    const until = endOf(ctx) ?? now + partsMs(input);
    if (now >= until) return Promise.resolve({ output: {} });
    const reason = `until ${new Date(until).toISOString()}, as the template asks.`;
    return Promise.resolve({ wait: { afterMs: until - now, reason, state: { until } } });
  },
});

/** As the first call reckoned it: a call that comes too soon waits for the rest. */
function endOf(ctx: StepContext): number | undefined {
  return z.object({ until: z.number() }).safeParse(ctx.state).data?.until;
}
