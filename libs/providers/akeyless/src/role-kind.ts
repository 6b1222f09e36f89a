import { type ResourceKind, StepError } from '@slipway/engine';
import type { AkeylessClient } from './client.js';
import { describeForeign } from './ownership.js';
import { deleteRole, findRole } from './roles.js';

/**
 * External id: the full path. Rules and associations are parts of their role, which carries the mark: they go with it. It goes
 * first: with it pods and workflows could have another credential issued after the last look at a dynamic secret's leases, and
 * nobody could revoke that one once the secret is gone.
 */
export function roleKind(client: AkeylessClient): ResourceKind {
  return {
    kind: 'akeyless:role',
    goesFirst: true,
    async observe(ctx, { externalId: name }) {
      const found = await findRole(client, name, ctx.signal);
      if (!found) return { exists: false };
      const detail = found.associations.length === 0 ? { detail: 'nobody has it: it is associated with no auth method' } : {};
      return { exists: true, owned: found.owner === ctx.mark, ...detail };
    },
    async remove(ctx, { externalId: name }) {
      const found = await findRole(client, name, ctx.signal);
      if (!found) return { outcome: 'absent' };
      if (found.owner !== ctx.mark) {
        return { outcome: 'foreign', note: `Role ${name} is not ours: ${describeForeign(found.owner)}.` };
      }
      try {
        await deleteRole(client, name, found, ctx.signal);
      } catch (error) {
        if (!(error instanceof StepError) || error.code !== 'akeyless_not_found') throw error;
        // An association or the role itself went meanwhile; which, the next look tells.
        return { outcome: 'pending', afterMs: 500, reason: `role ${name} was changed by someone else meanwhile` };
      }
      return { outcome: 'removed' };
    },
  };
}
