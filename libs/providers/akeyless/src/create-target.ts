import { DatabaseName, SecretReference } from '@slipway/contracts';
import { defineStep, type StepContext } from '@slipway/engine';
import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';
import { createOrAdopt } from './create-or-adopt.js';
import { ItemName } from './item-name.js';
import { describeOwnership, nameTaken } from './ownership.js';
import { findTarget, type Target } from './targets.js';

const Input = z.strictObject({
  name: ItemName,
  /** As the Gateway reaches the database. */
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be a host name or an IPv4 address'),
  port: z.number().int().min(1).max(65_535).default(3306),
  username: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must start with a letter and hold only letters, digits, dashes and underscores'),
  password: SecretReference,
  database: DatabaseName,
});
type Input = z.infer<typeof Input>;

const Output = z.object({ path: z.string() });

/** The database as Akeyless reaches it, with the account that makes and drops users. */
export function createTargetStep(client: AkeylessClient, prefix: string) {
  return defineStep({
    id: 'akeyless:target:create',
    description: 'Tells Akeyless how to reach a MySQL or MariaDB database',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee({ name }) {
      const path = `${prefix}/${name}`;
      return [{ effect: 'create', kind: 'akeyless:target', externalId: path, title: `Database target ${path}` }];
    },
    async run(ctx, input) {
      const path = `${prefix}/${input.name}`;
      const resource = { kind: 'akeyless:target', externalId: path };
      const find = () => findTarget(client, path, ctx.signal);
      const create = () => createTarget(client, ctx, path, input);
      const found = await find();
      if (found && found.owner !== ctx.mark) throw nameTaken(`Target ${path}`, found.owner);
      await ctx.resources.plan({ ...resource, title: `Database target ${path}`, properties: { path } });
      if (!found) await createOrAdopt(`Target ${path}`, ctx.mark, { create, find });
      await ctx.resources.created({ ...resource, properties: { path } });
      ctx.log.info(`Target ${path} points to ${input.host}:${input.port}.`);
      return { output: { path } };
    },
  });
}

async function createTarget(client: AkeylessClient, ctx: StepContext, path: string, input: Input): Promise<Target> {
  const password = await ctx.secrets.resolve(input.password);
  const call = { doing: `create target ${path}`, writes: true, signal: ctx.signal, sends: [password] };
  await client.call(call, anyAnswer, (api, token) =>
    api.targetCreateDB({
      token,
      name: path,
      description: describeOwnership(ctx),
      'db-type': 'mysql',
      'connection-type': 'credentials',
      host: input.host,
      port: String(input.port),
      'user-name': input.username,
      pwd: password,
      'db-name': input.database,
    }),
  );
  return { owner: ctx.mark };
}
