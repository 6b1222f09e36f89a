import { DatabaseName } from '@slipway/contracts';
import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';
import { createOrAdopt } from './create-or-adopt.js';
import { createMysqlDynamicSecret, deleteDynamicSecret, type DynamicSecret, findDynamicSecret } from './dynamic-secrets.js';
import { fullPath, ItemName, ItemPath } from './item-name.js';
import { listLeases } from './leases.js';
import { mysqlStatements } from './mysql-statements.js';
import { describeOwnership, nameTaken } from './ownership.js';

const Input = z.strictObject({
  name: ItemName,
  /** A target's full path, or its name below the prefix. */
  target: z.union([ItemPath, ItemName]),
  database: DatabaseName,
  /** How long an issued credential lives; Akeyless counts in minutes. Every refresh of every pod makes a user, so not short. */
  ttl: z
    .string()
    .regex(/^[1-9]\d{0,3}[mh]$/, 'must be minutes or hours, such as 60m')
    .default('60m'),
  profile: z.enum(['mysql', 'mariadb']).default('mysql'),
  /** Whether the sessions of a user end when it is revoked; false where the user of the target may not see and end them. */
  endSessions: z.boolean().default(true),
});
type Input = z.infer<typeof Input>;

const Output = z.object({ path: z.string() });

/** What issues an application its own database user, short-lived and with rights on just its own schema. */
export function createDynamicSecretStep(client: AkeylessClient, prefix: string) {
  return defineStep({
    id: 'akeyless:dynamic-secret:create',
    description: 'Creates a dynamic secret that issues short-lived MySQL or MariaDB users',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee({ name }) {
      const path = `${prefix}/${name}`;
      return [{ effect: 'create', kind: 'akeyless:dynamic-secret', externalId: path, title: `Dynamic secret ${path}` }];
    },
    async run(ctx, input) {
      const path = `${prefix}/${input.name}`;
      const resource = { kind: 'akeyless:dynamic-secret', externalId: path };
      const found = await findUsable(client, ctx, path);
      await ctx.resources.plan({ ...resource, title: `Dynamic secret ${path}`, properties: { path } });
      const find = () => findDynamicSecret(client, path, ctx.signal);
      const create = () => createMysqlDynamicSecret(client, path, requestFor(ctx, input, prefix), ctx.signal);
      const secret = found ?? (await createOrAdopt(`Dynamic secret ${path}`, ctx.mark, { create, find }));
      refuseInactive(path, secret);
      await ctx.resources.created({ ...resource, properties: { path } });
      ctx.log.info(`Dynamic secret ${path} issues users for ${input.database}, each for ${input.ttl}.`);
      return { output: { path } };
    },
  });
}

/**
 * Ours, and able to issue. One of ours that cannot was created while the Gateway could not reach the database, and does not
 * mend itself: it makes way for a new one, unless credentials it once issued are still in use.
 */
async function findUsable(client: AkeylessClient, ctx: StepContext, path: string): Promise<DynamicSecret | undefined> {
  const found = await findDynamicSecret(client, path, ctx.signal);
  if (found && found.owner !== ctx.mark) throw nameTaken(`Dynamic secret ${path}`, found.owner);
  if (!found || found.failure === null) return found;
  const leases = await listLeases(client, path, ctx.signal);
  if (leases.length > 0) return found;
  ctx.log.warn(`Dynamic secret ${path} is there but cannot issue anything (${found.failure}); it is made anew.`);
  await deleteDynamicSecret(client, path, ctx.signal);
  return undefined;
}

function requestFor(ctx: StepContext, input: Input, prefix: string): Record<string, unknown> {
  const { creation, revocation } = mysqlStatements(input.database, input.profile, input.endSessions);
  return {
    description: describeOwnership(ctx),
    'target-name': fullPath(prefix, input.target),
    // Spelt like this in the API; the CLI's name for it, mysql-statements, is silently ignored.
    'mysql-screation-statements': creation,
    'mysql-revocation-statements': revocation,
    'user-ttl': input.ttl,
    'password-length': '24',
  };
}

function refuseInactive(path: string, { failure }: DynamicSecret): void {
  if (failure === null) return;
  throw new StepError(
    'retry',
    'akeyless_dynamic_secret_inactive',
    `Dynamic secret ${path} is there but cannot issue anything: ${failure}.`,
    {
      remedy: 'Check that the Gateway reaches the database at the host and port of the target, with its user name and password.',
      retryAfterMs: 3_000,
    },
  );
}
