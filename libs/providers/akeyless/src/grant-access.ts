import { NamespaceName } from '@slipway/contracts';
import { defineStep, type PlannedResource, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';
import type { AkeylessConfig } from './config.js';
import { fullPath, ItemName, ItemPath } from './item-name.js';
import { type Grant, makeRole } from './make-role.js';

/** No comma and no `*`, which mean something in the value of a sub-claim. */
const Environment = z.string().max(255).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, dots, dashes and underscores');
const Id = z.union([z.int().positive(), z.string().regex(/^[1-9]\d*$/, 'must be a number')]).transform(String);

const Input = z
  .strictObject({
    /** Of the role, below the prefix; the workflows' role has `-workflows` after it. */
    name: ItemName,
    /** Of the dynamic secret that may be read: its full path, or its name below the prefix. It need not exist yet. */
    path: z.union([ItemPath, ItemName]),
    /** Whose pods may read it. */
    kubernetes: z
      .strictObject({
        namespace: NamespaceName,
        serviceAccount: z
          .string()
          .max(253)
          .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a service account'),
      })
      .optional(),
    /** Whose workflows may read `paths`, or where that is absent, the dynamic secret. */
    github: z
      .strictObject({
        /** A repository keeps its id when it is renamed; another that takes its old name has another. */
        repositoryId: Id,
        environment: Environment,
        /** Of the organisation: with it, a repository that is transferred loses the access. */
        ownerId: Id.optional(),
        paths: z.array(ItemPath).min(1).max(20).optional(),
      })
      .optional(),
  })
  .refine(({ kubernetes, github }) => kubernetes ?? github, 'must say for whom: kubernetes, github or both');
type Input = z.infer<typeof Input>;

const Output = z.object({
  /** In full, of what may be read. */
  path: z.string(),
  /** Where they reach the Gateway. */
  url: z.string(),
  /** The certificate authority of the Gateway, PEM; absent: a public one. */
  ca: z.string().optional(),
  kubernetes: z
    .object({ role: z.string(), accessId: z.string(), authConfig: z.string(), audience: z.string().optional() })
    .optional(),
  github: z.object({ role: z.string(), accessId: z.string(), audience: z.string() }).optional(),
});
type Output = z.infer<typeof Output>;

/** Secret zero: what an application's own pods, and its workflows, may read once they have proven what they are. */
export function grantAccessStep(client: AkeylessClient, config: AkeylessConfig, ca: string | undefined) {
  const { prefix, access } = config;
  return defineStep<Input, Output>({
    id: 'akeyless:access:grant',
    description: "Lets just this application's pods, and its workflows, read just its own secret",
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ name, kubernetes, github }) =>
      [...(kubernetes ? [`${prefix}/${name}`] : []), ...(github ? [workflowsRole(prefix, name)] : [])].map((role) => ({
        effect: 'create',
        ...resourceOf(role),
      })),
    async run(ctx, given) {
      const input = { ...given, path: fullPath(prefix, given.path) };
      const kubernetes = input.kubernetes && kubernetesGrant(config, input, input.kubernetes);
      const github = input.github && githubGrant(config, input, input.github);
      for (const grant of [kubernetes, github]) if (grant) await make(client, ctx, grant);
      return {
        output: {
          path: input.path,
          url: access.url ?? config.url,
          ...(ca !== undefined && { ca }),
          ...(kubernetes && { kubernetes: { role: kubernetes.role, ...kubernetes.login } }),
          ...(github && { github: { role: github.role, ...github.login } }),
        },
      };
    },
  });
}

function kubernetesGrant({ prefix, access }: AkeylessConfig, { name, path }: Input, of: NonNullable<Input['kubernetes']>) {
  const setting = 'akeyless.access.kubernetes';
  if (!access.kubernetes) throw notConfigured(setting, 'pods');
  const { authMethod, accessId, authConfig, audience, serviceAccountClaim } = access.kubernetes;
  const { namespace, serviceAccount } = of;
  return {
    ...{ role: `${prefix}/${name}`, paths: [path], authMethod, setting },
    subClaims: { namespace, [serviceAccountClaim]: serviceAccount },
    holder: `the pods of service account ${namespace}/${serviceAccount}`,
    login: { accessId, authConfig, ...(audience !== undefined && { audience }) },
  };
}

function githubGrant({ prefix, access }: AkeylessConfig, { name, path }: Input, of: NonNullable<Input['github']>) {
  const setting = 'akeyless.access.github';
  if (!access.github) throw notConfigured(setting, 'workflows');
  const { authMethod, accessId, audience } = access.github;
  const { repositoryId, environment, ownerId, paths = [path] } = of;
  return {
    ...{ role: workflowsRole(prefix, name), paths, authMethod, setting },
    subClaims: { repository_id: repositoryId, environment, ...(ownerId !== undefined && { repository_owner_id: ownerId }) },
    holder: `the workflows of repository ${repositoryId} in its environment ${environment}`,
    login: { accessId, audience },
  };
}

function workflowsRole(prefix: string, name: string): string {
  return `${prefix}/${name}-workflows`;
}

async function make(client: AkeylessClient, ctx: StepContext, grant: Grant): Promise<void> {
  const resource = resourceOf(grant.role);
  await makeRole(client, ctx, grant, () => ctx.resources.plan(resource));
  await ctx.resources.created(resource);
  ctx.log.info(`Role ${grant.role} lets ${grant.holder} read ${grant.paths.join(', ')}.`);
}

function resourceOf(role: string): PlannedResource {
  return { kind: 'akeyless:role', externalId: role, title: `Role ${role}`, properties: { path: role } };
}

function notConfigured(setting: string, whose: string): StepError {
  return new StepError('fatal', 'akeyless_access_not_configured', `No auth method is configured by which ${whose} log in to Akeyless.`, {
    remedy: `Set ${setting} in the configuration (auth method and access id), restart, then retry.`,
  });
}
