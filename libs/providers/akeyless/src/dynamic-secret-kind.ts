import { type Removal, type ResourceContext, type ResourceKind, StepError } from '@slipway/engine';
import type { AkeylessClient } from './client.js';
import { deleteDynamicSecret, findDynamicSecret } from './dynamic-secrets.js';
import { listLeases, revokeEach } from './leases.js';
import { describeForeign } from './ownership.js';

/**
 * External id: the full path. Leases go before the secret does: once it is deleted nobody can revoke them any more, and the
 * users they stand for would live on in the database. The roles by which more could be issued meanwhile have gone before.
 */
export function dynamicSecretKind(client: AkeylessClient): ResourceKind {
  return {
    kind: 'akeyless:dynamic-secret',
    async observe(ctx, { externalId: path }) {
      const found = await findDynamicSecret(client, path, ctx.signal);
      if (!found) return { exists: false };
      return { exists: true, owned: found.owner === ctx.mark, ...(found.failure !== null && { detail: found.failure }) };
    },
    async remove(ctx, { externalId: path }) {
      const found = await findDynamicSecret(client, path, ctx.signal);
      if (!found) return { outcome: 'absent' };
      if (found.owner !== ctx.mark) {
        return { outcome: 'foreign', note: `Dynamic secret ${path} is not ours: ${describeForeign(found.owner)}.` };
      }
      return removeOwned(client, ctx, path);
    },
  };
}

async function removeOwned(client: AkeylessClient, ctx: ResourceContext, path: string): Promise<Removal> {
  try {
    const leases = await listLeases(client, path, ctx.signal);
    if (leases.length > 0) {
      await revokeEach(client, path, leases, ctx.signal);
      const left = await listLeases(client, path, ctx.signal);
      if (left.length > 0)
        return { outcome: 'pending', afterMs: 1_000, reason: `${left.length} credentials of ${path} are still being revoked or were issued meanwhile` };
    }
    await deleteDynamicSecret(client, path, ctx.signal);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'akeyless_not_found') throw error;
  }
  return { outcome: 'removed' };
}
