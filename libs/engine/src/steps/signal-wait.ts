import { z } from 'zod';
import { Duration } from '../duration.js';
import { type StepContext, defineStep } from '../step-definition.js';
import { StepError } from '../step-error.js';

/** The signal wakes the step; should that get lost, it looks by itself. */
const lookAgainMs = 60_000;

const Input = z.object({
  /** As agreed with whoever sends it, e.g. `github:workflow_run:acme/shop`. One that was sent up to 7 days before counts too. */
  key: z.string().min(1).max(500),
  within: Duration,
});
const Output = z.object({ body: z.unknown(), at: z.iso.datetime() });

/** Waits for the first signal of a key, sent by a webhook or by whoever else has something to say to the run. */
export const signalWait = defineStep<z.infer<typeof Input>, z.infer<typeof Output>>({
  id: 'signal:wait',
  description: 'Waits until something from outside happens, and answers what was told about it.',
  input: Input,
  output: Output,
  workspace: 'none',
  run(ctx, { key, within }) {
    const first = ctx.signals.find((signal) => signal.key === key);
    if (first) return Promise.resolve({ output: { body: first.body, at: first.at.toISOString() } });
    const now = ctx.clock.now().getTime();
    const until = endOf(ctx) ?? now + within;
    if (ctx.state !== undefined && now >= until) return Promise.reject(notReceived(key, until));
    const afterMs = Math.max(0, Math.min(lookAgainMs, until - now));
    return Promise.resolve({ wait: { afterMs, reason: `for the signal ${key}`, signal: key, state: { until } } });
  },
});

function endOf(ctx: StepContext): number | undefined {
  return z.object({ until: z.number() }).safeParse(ctx.state).data?.until;
}

function notReceived(key: string, until: number): StepError {
  return new StepError('fatal', 'signal_not_received', `Nothing came for ${key} until ${new Date(until).toISOString()}.`, {
    remedy: 'See whether its sender is at work and uses this key, then retry the run.',
  });
}
