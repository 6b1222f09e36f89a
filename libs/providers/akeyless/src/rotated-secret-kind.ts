import { type ResourceKind, StepError } from '@slipway/engine';
import type { AkeylessClient } from './client.js';
import { describeForeign } from './ownership.js';
import { deleteRotatedSecret, findRotatedSecret } from './rotated-secrets.js';

/** External id: the full path. Removal leaves the password as it is then: in the target, while that stands. */
export function rotatedSecretKind(client: AkeylessClient): ResourceKind {
  return {
    kind: 'akeyless:rotated-secret',
    async observe(ctx, { externalId: path }) {
      const found = await findRotatedSecret(client, path, ctx.signal);
      if (!found) return { exists: false };
      const detail = found.failure === null ? {} : { detail: `the last rotation failed: ${found.failure}` };
      return { exists: true, owned: found.owner === ctx.mark, ...detail };
    },
    async remove(ctx, { externalId: path }) {
      const found = await findRotatedSecret(client, path, ctx.signal);
      if (!found) return { outcome: 'absent' };
      if (found.owner !== ctx.mark) {
        return { outcome: 'foreign', note: `Rotated secret ${path} is not ours: ${describeForeign(found.owner)}.` };
      }
      try {
        await deleteRotatedSecret(client, path, ctx.signal);
      } catch (error) {
        if (!(error instanceof StepError) || error.code !== 'akeyless_not_found') throw error;
      }
      return { outcome: 'removed' };
    },
  };
}
