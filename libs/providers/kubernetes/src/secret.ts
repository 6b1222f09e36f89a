import type { V1Secret } from '@kubernetes/client-node';
import { NamespaceName, SecretReference } from '@slipway/contracts';
import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { KubernetesClient } from './client.js';
import { generatePassword } from './generate-password.js';
import { ObjectName } from './object-name.js';
import { applyData, encode, ensureSecret, secretCreated, secretResource } from './owned-secret.js';

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

/** A Secret of the entity's own. It is born with its generated values; what is given (`data`, `from`) follows its source. */
export function secretStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:secret',
    description: 'Keeps values in a Secret: given, copied from a reference, or generated once in the cluster',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => [{ effect: 'create', ...secretResource(input) }],
    async run(ctx, input) {
      const id = `${input.namespace}/${input.name}`;
      const secret = await ensureSecret(client, ctx, input, () => Promise.resolve({ data: generatedData(ctx, input) }));
      refuseIncomplete(id, secret, Object.keys(input.generate));
      await applyData(client, ctx, input, secret, await givenData(ctx, input));
      await secretCreated(ctx, input);
      const keys = keysOf(input.data, input.generate, input.from);
      ctx.log.info(`Secret ${id} holds ${keys.join(', ')}.`);
      const references = Object.fromEntries(keys.map((key) => [key, `kubernetes:${id}#${key}`]));
      return { output: { namespace: input.namespace, name: input.name, references } };
    },
  });
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

async function givenData(ctx: StepContext, input: Input): Promise<Record<string, string>> {
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(input.data)) data[key] = encode(value);
  for (const [key, reference] of Object.entries(input.from)) data[key] = encode(await ctx.secrets.resolve(reference));
  return data;
}

function keysOf(...parts: Record<string, unknown>[]): string[] {
  return parts.flatMap((part) => Object.keys(part));
}
