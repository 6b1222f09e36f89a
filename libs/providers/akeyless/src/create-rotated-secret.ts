import { defineStep, type StepContext } from '@slipway/engine';
import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';
import { createOrAdopt } from './create-or-adopt.js';
import { fullPath, ItemName, ItemPath } from './item-name.js';
import { describeOwnership, nameTaken } from './ownership.js';
import { findRotatedSecret, rotate, type RotatedSecret } from './rotated-secrets.js';

const Input = z.strictObject({
  name: ItemName,
  /** A target's full path, or its name below the prefix. The password of its user is the one that is changed. */
  target: z.union([ItemPath, ItemName]),
  /** Days, as Akeyless counts. */
  interval: z.number().int().min(1).max(365).default(30),
  /** Of the day, UTC. */
  hour: z.number().int().min(0).max(23).default(3),
  /** Also at once: then the password that the target was made with, and all that know it, open nothing any more. */
  rotateNow: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

const Output = z.object({ path: z.string() });

/** What gives the database administrator of a target another password again and again, known to the Gateway alone. */
export function createRotatedSecretStep(client: AkeylessClient, prefix: string) {
  return defineStep<Input, z.infer<typeof Output>>({
    id: 'akeyless:rotated-secret:create',
    description: "Changes the password of a target's user regularly, and at once if asked",
    input: Input,
    output: Output,
    workspace: 'none',
    foresee({ name }) {
      const path = `${prefix}/${name}`;
      return [{ effect: 'create', kind: 'akeyless:rotated-secret', externalId: path, title: `Rotated secret ${path}` }];
    },
    async run(ctx, input) {
      const path = `${prefix}/${input.name}`;
      const title = `Rotated secret ${path}`;
      const resource = { kind: 'akeyless:rotated-secret', externalId: path };
      const find = () => findRotatedSecret(client, path, ctx.signal);
      const create = () => createRotatedSecret(client, ctx, path, requestFor(ctx, input, prefix));
      const found = await find();
      if (found && found.owner !== ctx.mark) throw nameTaken(title, found.owner);
      await ctx.resources.plan({ ...resource, title, properties: { path } });
      const secret = found ?? (await createOrAdopt(title, ctx.mark, { create, find }));
      // A later version than the first: an earlier attempt has rotated it.
      if (input.rotateNow && secret.version === 1) await rotate(client, path, ctx.signal);
      await ctx.resources.created({ ...resource, properties: { path } });
      ctx.log.info(`${path} changes the password every ${input.interval} days${input.rotateNow ? '; it has just done so' : ''}.`);
      return { output: { path } };
    },
  });
}

function requestFor(ctx: StepContext, input: Input, prefix: string): Record<string, unknown> {
  return {
    description: describeOwnership(ctx),
    'target-name': fullPath(prefix, input.target),
    'rotator-type': 'target',
    // Whoever is logged in may always change the password of its own.
    'authentication-credentials': 'use-user-creds',
    'auto-rotate': 'true',
    'rotation-interval': String(input.interval),
    'rotation-hour': input.hour,
    'password-length': '32',
  };
}

async function createRotatedSecret(
  client: AkeylessClient,
  ctx: StepContext,
  path: string,
  request: Record<string, unknown>,
): Promise<RotatedSecret> {
  const call = { doing: `create rotated secret ${path}`, writes: true, signal: ctx.signal };
  await client.call(call, anyAnswer, (api, token) => api.rotatedSecretCreateMysql({ ...request, name: path, token }));
  return { owner: ctx.mark, version: 1, failure: null };
}
