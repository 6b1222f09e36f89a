import { z } from 'zod';
import { nextWave } from '../removal-order.js';
import { type LedgerResource, type StepContext, defineStep } from '../step-definition.js';

const Input = z.object({
  /** By resource kind, what its removal should mind: `{ 'github:repository': { disposition: 'archive' } }`. */
  options: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
const Output = z.object({ removed: z.number().int() });

/** Walks the entity's ledger, over all its runs, in the reverse of creation; done when nothing stands any more. */
export const removeResources = defineStep<z.infer<typeof Input>, z.infer<typeof Output>>({
  id: 'resources:remove',
  description: 'Removes everything the ledger holds of this entity.',
  input: Input,
  output: Output,
  workspace: 'none',
  foresee: (_input, { standing }) =>
    [...standing].reverse().map(({ kind, externalId, title }) => ({ effect: 'remove', kind, externalId, title })),
  async run(ctx, { options }) {
    let removed = removedSoFar(ctx);
    for (;;) {
      const wave = nextWave(await ctx.resources.standing());
      if (wave.length === 0) return { output: { removed } };
      const pending = await removeWave(ctx, wave, options);
      removed += wave.length - pending.length;
      const first = pending[0];
      if (first) return { wait: { afterMs: first.afterMs, reason: first.reason, state: { removed } } };
    }
  },
});

/** All of one wave, at the same time; one that fails does not keep the others from going. */
async function removeWave(ctx: StepContext, wave: LedgerResource[], options: z.infer<typeof Input>['options']) {
  const results = await Promise.allSettled(wave.map((resource) => ctx.resources.remove(resource, options[resource.kind] ?? {})));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' && result.value.outcome === 'pending' ? [result.value] : []));
}

function removedSoFar(ctx: StepContext): number {
  return z.object({ removed: z.number() }).safeParse(ctx.state).data?.removed ?? 0;
}
