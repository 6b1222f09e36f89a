import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';
import { findDynamicSecret } from './dynamic-secrets.js';
import { ItemPath } from './item-name.js';
import { listLeases, revokeEach } from './leases.js';
import { notOurs } from './ownership.js';

const Input = z.strictObject({
  /** Of the dynamic secret, in full. */
  path: ItemPath,
  /** ISO 8601. Absent: when the run began, so that what the application got since then stays. */
  issuedBefore: z.iso.datetime({ offset: true }).optional(),
});

const Output = z.object({ revoked: z.number(), left: z.number() });

/**
 * Ends the credentials that a dynamic secret issued before some moment, by the Gateway's clock. One that cannot be revoked
 * holds up no other; the step is tried again until none is left.
 */
export function revokeLeasesStep(client: AkeylessClient) {
  return defineStep({
    id: 'akeyless:leases:revoke',
    description: 'Ends credentials that were issued before a moment, when the run began unless told',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ path }) => [
      { effect: 'change', kind: 'akeyless:dynamic-secret', externalId: path, title: `Credentials issued by ${path}` },
    ],
    async run(ctx, { path, issuedBefore }) {
      await requireOurs(client, ctx, path);
      const before = issuedBefore === undefined ? ctx.runStartedAt : new Date(issuedBefore);
      const leases = await listLeases(client, path, ctx.signal);
      const undated = leases.filter(({ createdAt }) => createdAt === null).length;
      if (undated > 0) ctx.log.warn(`${undated} credentials of ${path} do not say when they were issued; they stay until they expire.`);
      const due = leases.filter(({ createdAt }) => createdAt !== null && createdAt < before);
      await revokeEach(client, path, due, ctx.signal);
      const left = leases.length - due.length;
      ctx.log.info(`Revoked ${due.length} credentials of ${path} issued before ${before.toISOString()}; ${left} stay.`);
      return { output: { revoked: due.length, left } };
    },
  });
}

async function requireOurs(client: AkeylessClient, ctx: StepContext, path: string): Promise<void> {
  const found = await findDynamicSecret(client, path, ctx.signal);
  if (!found) {
    throw new StepError('fatal', 'akeyless_not_found', `There is no dynamic secret ${path}.`, { remedy: 'Correct the path.' });
  }
  if (found.owner !== ctx.mark) throw notOurs(`Dynamic secret ${path}`, found.owner);
}
