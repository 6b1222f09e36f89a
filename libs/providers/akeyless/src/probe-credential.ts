import { DatabaseName } from '@slipway/contracts';
import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';
import type { AkeylessConfig } from './config.js';
import { ItemPath } from './item-name.js';
import { type Lease, listLeases, revokeLease } from './leases.js';
import { type Address, type Credential, logIn } from './log-in.js';

const Input = z.strictObject({
  /** Of the dynamic secret, in full. */
  path: ItemPath,
  /** The one schema that it may see, beside the server's own. Absent: any one. */
  database: DatabaseName.optional(),
  /** As the target has them: where the integration reaches databases directly. */
  host: z.string().min(1).max(253).optional(),
  port: z.number().int().min(1).max(65_535).default(3306),
});
type Input = z.infer<typeof Input>;

const Output = z.object({
  ttlMinutes: z.number(),
  /** False: how the database is reached from here is not configured. */
  loggedIn: z.boolean(),
});

/** For revoking, whatever became of the run's own signal: a cancelled run must not leave a login behind. */
const REVOKE_DEADLINE_MS = 30_000;

/**
 * Issues a credential, checks it, and revokes it. The lease is a thing this run makes, but it has no name before it is there,
 * so no ledger row can be written ahead of it. Instead each attempt looks first: a lease that our own access id was issued
 * since the run began is one that an earlier attempt (killed, its answer lost, its revocation refused) left behind, and goes.
 * Applications use their own access ids, so theirs are never touched. What even that misses ends with its TTL, or with the
 * dynamic secret.
 */
export function probeCredentialStep(client: AkeylessClient, databases: AkeylessConfig['databases']) {
  return defineStep({
    id: 'akeyless:credential:probe',
    description: 'Issues a credential through the Gateway, checks it, and revokes it',
    input: Input,
    output: Output,
    workspace: 'none',
    async run(ctx, input) {
      await revokeOurs(client, ctx, input.path, null);
      const address = addressOf(databases, input);
      let issued: Credential | null = null;
      try {
        issued = await issue(client, ctx, input.path);
        if (address) await logIn(address, issued, input.database, ctx.signal);
      } finally {
        await revokeOurs(client, ctx, input.path, issued);
      }
      const done = address ? 'logged in, saw just its own schema, and' : 'was not tried, since nobody said how the database is reached from here, and';
      ctx.log.info(`${input.path} issued a credential for ${issued.ttlMinutes} minutes; it ${done} is revoked.`);
      return { output: { ttlMinutes: issued.ttlMinutes, loggedIn: address !== null } };
    },
  });
}

function addressOf(databases: AkeylessConfig['databases'], { host, port }: Input): Address | null {
  if (databases !== 'direct') return databases ?? null;
  return host === undefined ? null : { host, port };
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
