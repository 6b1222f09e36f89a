import { type ResourceKind, StepError } from '@slipway/engine';
import type { AkeylessClient } from './client.js';
import { describeForeign } from './ownership.js';
import { deleteTarget, findTarget } from './targets.js';

/** External id: the full path. */
export function targetKind(client: AkeylessClient): ResourceKind {
  return {
    kind: 'akeyless:target',
    async observe(ctx, { externalId: path }) {
      const found = await findTarget(client, path, ctx.signal);
      return found ? { exists: true, owned: found.owner === ctx.mark } : { exists: false };
    },
    async remove(ctx, { externalId: path }) {
      const found = await findTarget(client, path, ctx.signal);
      if (!found) return { outcome: 'absent' };
      if (found.owner !== ctx.mark)
        return { outcome: 'foreign', note: `Target ${path} is not ours: ${describeForeign(found.owner)}.` };
      try {
        await deleteTarget(client, path, ctx.signal);
      } catch (error) {
        if (!(error instanceof StepError) || error.code !== 'akeyless_not_found') throw error;
      }
      return { outcome: 'removed' };
    },
  };
}
