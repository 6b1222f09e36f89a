import { NamespaceName, SecretReference } from '@slipway/contracts';
import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import { asApplied } from './as-applied.js';
import type { KubernetesClient } from './client.js';
import type { KubernetesConfig } from './config.js';
import { ObjectName } from './object-name.js';
import { applyData, encode, ensureSecret, secretCreated, secretResource } from './owned-secret.js';

const Input = z
  .strictObject({
    namespace: NamespaceName,
    name: ObjectName,
    /** Host of the container registry, as image names begin with it: `ghcr.io`. */
    registry: z.string().regex(/^[a-z0-9][a-z0-9.-]*(:\d+)?$/, 'must be the host of a registry, such as ghcr.io'),
    /** Absent, with `password`: as the Kubernetes integration's configuration says for the registry. */
    username: z.string().min(1).optional(),
    /** Of a token that may pull. */
    password: SecretReference.optional(),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), 'must give username and password, or neither');
type Input = z.infer<typeof Input>;

const Output = z.object({ namespace: z.string(), name: z.string() });

const TYPE = 'kubernetes.io/dockerconfigjson';

/** What pods of the namespace pull images with, once their service account names it in `imagePullSecrets`. Follows its source. */
export function pullSecretStep(client: KubernetesClient, registries: KubernetesConfig['registries']) {
  return defineStep({
    id: 'kubernetes:pull-secret',
    description: 'Keeps the credential of a container registry in a namespace, for its pods to pull images with',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => [{ effect: 'create', ...secretResource(input) }],
    async run(ctx, input) {
      const { namespace, name, registry } = input;
      const id = `${namespace}/${name}`;
      const data = { '.dockerconfigjson': encode(await dockerConfig(ctx, input, registries)) };
      const secret = await ensureSecret(client, ctx, input, () => Promise.resolve({ type: TYPE, data }));
      if (secret.type !== TYPE) throw ofAnotherType(id, secret.type);
      const identity = { apiVersion: 'v1', kind: 'Secret', namespace, name };
      await applyData(client, ctx, input, await asApplied(client, identity, secret, ctx.signal), data);
      await secretCreated(ctx, input);
      ctx.log.info(`Secret ${id} lets pods pull from ${registry}.`);
      return { output: { namespace, name } };
    },
  });
}

/** As `docker login` writes it (kubernetes.io/docs, "Pull an Image from a Private Registry"). */
async function dockerConfig(ctx: StepContext, input: Input, registries: KubernetesConfig['registries']): Promise<string> {
  const { registry, username, password } = input;
  const login = username !== undefined && password !== undefined ? { username, password } : registries[registry];
  if (!login) {
    throw new StepError('fatal', 'kubernetes_registry_unknown', `Nobody has said how to pull from ${registry}.`, {
      remedy: `Configure kubernetes.registries["${registry}"], or give the step a username and the reference of a password.`,
    });
  }
  const token = await ctx.secrets.resolve(login.password);
  const auth = encode(`${login.username}:${token}`);
  ctx.secrets.protect(auth);
  return JSON.stringify({ auths: { [registry]: { username: login.username, password: token, auth } } });
}

function ofAnotherType(id: string, type: string | undefined): StepError {
  return new StepError('fatal', 'kubernetes_secret_taken', `Secret ${id} is ours but of type ${type ?? 'Opaque'}, which never changes.`, {
    remedy: 'Choose another name for the pull secret.',
  });
}
