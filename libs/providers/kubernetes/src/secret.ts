import { PatchStrategy, setHeaderOptions, type V1Secret } from '@kubernetes/client-node';
import { NamespaceName, SecretReference } from '@slipway/contracts';
import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import { FIELD_MANAGER, type KubernetesClient } from './client.js';
import { generatePassword } from './generate-password.js';
import { ObjectName } from './object-name.js';
import { describeOwner, isOwned, ownerLabels } from './ownership.js';

const Key = z
  .string()
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/, 'may hold only letters, digits, dashes, underscores and dots');

const Input = z
  .strictObject({
    namespace: NamespaceName,
    name: ObjectName,
    /** What stands beside the secret values and is none itself: a user name, a database name. */
    data: z.record(Key, z.string()).default({}),
    /** Made in the cluster once, random, and never replaced. */
    generate: z.record(Key, z.strictObject({ length: z.number().int().min(16).max(128).default(32) })).default({}),
    /** Copied from where the reference points, at the moment of use. */
    from: z.record(Key, SecretReference).default({}),
  })
  .refine(({ data, generate, from }) => keysOf(data, generate, from).length > 0, 'must name at least one key')
  .refine(({ data, generate, from }) => new Set(keysOf(data, generate, from)).size === keysOf(data, generate, from).length, {
    message: 'must name each key once, in data, generate or from',
  });
type Input = z.infer<typeof Input>;

const Output = z.object({
  namespace: z.string(),
  name: z.string(),
  /** By key, where its value can be had: `kubernetes:shop/mysql-shop#password`. */
  references: z.record(z.string(), z.string()),
});

/**
 * A Secret of the entity's own. It is born by POST with its generated values, so that no retry, however late, can replace a
 * password that a database was already started with. What is given (`data`, `from`) is then applied, and follows its source.
 */
export function secretStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:secret',
    description: 'Keeps values in a Secret: given, copied from a reference, or generated once in the cluster',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee({ namespace, name }) {
      const id = `${namespace}/${name}`;
      return [{ effect: 'create', kind: 'kubernetes:secret', externalId: id, title: `Secret ${id}` }];
    },
    async run(ctx, input) {
      const id = `${input.namespace}/${input.name}`;
      const secret = (await findSecret(client, input, ctx.signal)) ?? (await createSecret(client, ctx, input));
      refuseForeign(ctx, id, secret);
      refuseIncomplete(id, secret, Object.keys(input.generate));
      await ctx.resources.plan({ kind: 'kubernetes:secret', externalId: id, title: `Secret ${id}` });
      await applyGiven(client, ctx, input, secret);
      await ctx.resources.created({ kind: 'kubernetes:secret', externalId: id, properties: { path: id } });
      const keys = keysOf(input.data, input.generate, input.from);
      ctx.log.info(`Secret ${id} holds ${keys.join(', ')}.`);
      const references = Object.fromEntries(keys.map((key) => [key, `kubernetes:${id}#${key}`]));
      return { output: { namespace: input.namespace, name: input.name, references } };
    },
  });
}

export function findSecret(
  client: KubernetesClient,
  { namespace, name }: { namespace: string; name: string },
  signal?: AbortSignal,
): Promise<V1Secret | undefined> {
  const call = { doing: `look at secret ${namespace}/${name}`, ...(signal && { signal }) };
  return client.find(call, ({ core }) => core.readNamespacedSecret({ namespace, name }));
}

/** Where somebody else was faster, theirs is the answer. */
async function createSecret(client: KubernetesClient, ctx: StepContext, input: Input): Promise<V1Secret> {
  const { namespace, name } = input;
  const id = `${namespace}/${name}`;
  await ctx.resources.plan({ kind: 'kubernetes:secret', externalId: id, title: `Secret ${id}` });
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: ownerLabels(ctx.mark) },
    data: generatedData(ctx, input),
  };
  try {
    return await client.call({ doing: `create secret ${id}`, writes: true, confidential: true, signal: ctx.signal }, ({ core }) =>
      core.createNamespacedSecret({ namespace, body, fieldManager: FIELD_MANAGER }),
    );
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'kubernetes_already_exists') throw error;
    const theirs = await findSecret(client, input, ctx.signal);
    if (theirs) return theirs;
    throw new StepError('retry', 'kubernetes_changed_meanwhile', `Secret ${id} came and went while we tried to create it.`, {
      remedy: 'It is tried again. If it goes on, see who else uses this name.',
    });
  }
}

function generatedData(ctx: StepContext, input: Input): Record<string, string> {
  const data: Record<string, string> = {};
  for (const [key, { length }] of Object.entries(input.generate)) {
    const value = generatePassword(length);
    ctx.secrets.protect(value);
    data[key] = encode(value);
  }
  return data;
}

function refuseForeign(ctx: StepContext, id: string, secret: V1Secret): void {
  if (isOwned(secret, ctx.mark)) return;
  throw new StepError('fatal', 'kubernetes_secret_taken', `Secret ${id} exists and is not ours: ${describeOwner(secret)}.`, {
    remedy: 'Choose another name for the secret, or have its owner remove it.',
  });
}

/** A key that the secret was not born with is not added: whoever reads the secret has started without it. */
function refuseIncomplete(id: string, secret: V1Secret, keys: string[]): void {
  const missing = keys.filter((key) => secret.data?.[key] === undefined);
  if (missing.length === 0) return;
  throw new StepError(
    'fatal',
    'kubernetes_secret_incomplete',
    `Secret ${id} exists without ${missing.join(', ')}, and is never refilled.`,
    {
      remedy: 'Give the new key to a secret of another name, or remove this one where nothing depends on its values.',
    },
  );
}

/**
 * Server-side apply as our own manager: a key that somebody else set is a conflict naming them. The uid keeps it from
 * making the secret anew, without its generated values, where it has gone since we looked.
 */
async function applyGiven(client: KubernetesClient, ctx: StepContext, input: Input, secret: V1Secret): Promise<void> {
  const { namespace, name } = input;
  const data = await givenData(ctx, input);
  if (Object.keys(data).length === 0) return;
  const uid = secret.metadata?.uid;
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...(uid && { uid }), labels: ownerLabels(ctx.mark) },
    data,
  };
  const call = { doing: `fill secret ${namespace}/${name}`, writes: true, confidential: true, signal: ctx.signal };
  await client.call(call, ({ core }) =>
    core.patchNamespacedSecret(
      { namespace, name, body, fieldManager: FIELD_MANAGER },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    ),
  );
}

async function givenData(ctx: StepContext, input: Input): Promise<Record<string, string>> {
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(input.data)) data[key] = encode(value);
  for (const [key, reference] of Object.entries(input.from)) data[key] = encode(await ctx.secrets.resolve(reference));
  return data;
}

function encode(value: string): string {
  return Buffer.from(value).toString('base64');
}

function keysOf(...parts: Record<string, unknown>[]): string[] {
  return parts.flatMap((part) => Object.keys(part));
}
