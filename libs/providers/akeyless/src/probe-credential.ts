import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';
import { ItemPath } from './item-name.js';
import { type Lease, listLeases, revokeLease } from './leases.js';
import { type Credential, logIn } from './log-in.js';

const Input = z.strictObject({
  /** Of the dynamic secret, in full. */
  path: ItemPath,
  /** How the database is reached from here. Absent: no login is tried; often only the Gateway reaches it. */
  login: z.strictObject({ host: z.string().min(1).max(253), port: z.number().int().min(1).max(65_535) }).optional(),
});
type Input = z.infer<typeof Input>;

const Output = z.object({ ttlMinutes: z.number() });

/** For revoking, whatever became of the run's own signal: a cancelled run must not leave a login behind. */
const REVOKE_DEADLINE_MS = 30_000;

/**
 * Issues a credential, checks it, and revokes it. The lease is a thing this run makes, but it has no name before it is there,
 * so no ledger row can be written ahead of it. Instead each attempt looks first: a lease that our own access id was issued
 * since the run began is one that an earlier attempt (killed, its answer lost, its revocation refused) left behind, and goes.
 * Applications use their own access ids, so theirs are never touched. What even that misses ends with its TTL, or with the
 * dynamic secret.
 */
export function probeCredentialStep(client: AkeylessClient) {
  return defineStep({
    id: 'akeyless:credential:probe',
    description: 'Issues a credential through the Gateway, checks it, and revokes it',
    input: Input,
    output: Output,
    workspace: 'none',
    async run(ctx, input) {
      await revokeOurs(client, ctx, input.path, null);
      let issued: Credential | null = null;
      try {
        issued = await issue(client, ctx, input.path);
        if (input.login) await logIn(input.login, issued, ctx.signal);
      } finally {
        await revokeOurs(client, ctx, input.path, issued);
      }
      const loggedIn = input.login ? 'logged in and ' : '';
      ctx.log.info(`${input.path} issued a credential for ${issued.ttlMinutes} minutes; it ${loggedIn}is revoked.`);
      return { output: { ttlMinutes: issued.ttlMinutes } };
    },
  });
}

const Issued = z.object({
  id: z.string().catch(''),
  user: z.string().catch(''),
  password: z.string().catch(''),
  /** Minutes; a number in a string. */
  ttl_in_minutes: z.coerce.number().catch(0),
});

async function issue(client: AkeylessClient, ctx: StepContext, path: string): Promise<Credential> {
  const call = { doing: `issue a credential of ${path}`, writes: true, signal: ctx.signal };
  const answer = await client.call(call, Issued, (api, token) => api.dynamicSecretGetValue({ name: path, token }));
  const { id, user, password, ttl_in_minutes: ttlMinutes } = answer;
  for (const value of [user, password]) ctx.secrets.protect(value);
  const missing = [user === '' && 'a user', password === '' && 'a password', !(ttlMinutes > 0) && 'a life time'].filter(Boolean);
  if (missing.length > 0) {
    throw new StepError(
      'fatal',
      'akeyless_credential_incomplete',
      `${path} issued a credential without ${missing.join(' and ')}.`,
      {
        remedy: 'Check the creation statements of the dynamic secret.',
      },
    );
  }
  return { id, user, password, ttlMinutes };
}

async function revokeOurs(client: AkeylessClient, ctx: StepContext, path: string, issued: Credential | null): Promise<void> {
  const signal = AbortSignal.timeout(REVOKE_DEADLINE_MS);
  for (const lease of await listLeases(client, path, signal)) {
    if (lease.id === issued?.id || isOurs(lease, client.accessId, ctx.runStartedAt)) await revokeLease(client, path, lease, signal);
  }
}

function isOurs({ accessId, createdAt }: Lease, ourAccessId: string, since: Date): boolean {
  return accessId === ourAccessId && createdAt !== null && createdAt >= since;
}
