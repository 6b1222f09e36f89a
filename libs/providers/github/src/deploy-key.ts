import { SecretReference } from '@slipway/contracts';
import { defineStep, type ResourceKind, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { ensureActionsSecret, foreseenSecret, SecretName } from './actions-secret.js';
import type { CallContext, GithubClient } from './client.js';
import { givenSecret, notBoth } from './given-secret.js';
import { ownedRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';

const deployKeyKind = 'github:deploy-key';

const Input = z
  .object({
    ...repositoryPlace,
    /** In OpenSSH's format: `ssh-ed25519 AAAA… comment`. */
    publicKey: z.string().regex(/^(ssh|ecdsa|sk)-\S+ \S+/, "must be a public key in OpenSSH's format"),
    /** Typed by a person: `${{ secrets.NAME }}`. */
    privateKey: z.string().min(1).optional(),
    /** The installation's own, by its reference. */
    privateKeyFrom: SecretReference.optional(),
    deployKeyName: z.string().min(1).max(100),
    /** Absent: made of the name, `MY_KEY_PRIVATE_KEY`. */
    privateKeySecretName: SecretName.optional(),
    /** Whether it may only read; Backstage's may write. */
    readOnly: z.boolean().default(false),
  })
  .refine(...oneRepository)
  .refine((input) => notBoth('privateKey')(input) && (input.privateKey ?? input.privateKeyFrom) !== undefined, {
    path: ['privateKey'],
    message: 'either it or `privateKeyFrom` must be given, and not both',
  });
type Input = z.output<typeof Input>;

const Output = z.object({ privateKeySecretName: z.string() });

interface DeployKey {
  id: number;
  /** Its kind and what it is, without a comment. */
  key: string;
  readOnly: boolean;
}

/** The private key goes to a secret of the repository's workflows, sealed for GitHub, and nowhere else. */
export function createDeployKey(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:deployKey:create',
    description: 'Gives a repository of this service a deploy key, and its workflows the private half of it.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const repository = foreseenName(github.config, input);
      const { kind, title, ...place } = deployKeyOf(repository, input.deployKeyName);
      return [{ effect: 'create', kind, title, externalId: externalIdOf(place) }, foreseenSecret(placeOfSecret(repository, input))];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await ownedRepository(github, ctx, fullName, 'add a deploy key to');
      const { privateKey: typed, privateKeyFrom: reference } = input;
      const privateKey = (await givenSecret(ctx, { input: 'privateKey', typed, reference })) ?? '';
      await ensureThing<DeployKey>(ctx, repository, deployKeyOf(fullName, input.deployKeyName), {
        find: () => findDeployKey(github, ctx, fullName, input.deployKeyName),
        make: () => create(github, ctx, fullName, input),
        // GitHub changes none.
        renew: async (found) => {
          if (found.key === withoutComment(input.publicKey) && found.readOnly === input.readOnly) return found;
          await remove(github, ctx, fullName, found.id);
          return create(github, ctx, fullName, input);
        },
        record: () => ({ url: `${repository.htmlUrl}/settings/keys` }),
      });
      const secret = placeOfSecret(fullName, input);
      await ensureActionsSecret(github, ctx, repository, secret, privateKey);
      return { output: { privateKeySecretName: secret.name } };
    },
  });
}

export function deployKeyKindOf(github: GithubClient): ResourceKind {
  return kindOfThing(github, deployKeyKind, {
    exists: async (ctx, { fullName }, row) => (await findDeployKey(github, ctx, fullName, String(row.properties['name']))) !== undefined,
    async remove(ctx, { fullName }, row) {
      const found = await findDeployKey(github, ctx, fullName, String(row.properties['name']));
      return found !== undefined && remove(github, ctx, fullName, found.id);
    },
  });
}

function deployKeyOf(repository: string, name: string): Thing {
  return { kind: deployKeyKind, name, repository, title: `Deploy key ${name} of ${repository}` };
}

function placeOfSecret(repository: string, { deployKeyName, privateKeySecretName }: Input) {
  const name = privateKeySecretName ?? `${deployKeyName.replace(/\W+/g, '_')}_PRIVATE_KEY`;
  return { repository, environment: undefined, name: name.toUpperCase() };
}

async function findDeployKey(github: GithubClient, ctx: CallContext, repository: string, name: string): Promise<DeployKey | undefined> {
  const call = { what: `read the deploy keys of ${repository}`, needs: { administration: 'read' }, repository } as const;
  const keys = await github
    .call(ctx, { ...call, send: (octokit) => octokit.paginate(octokit.rest.repos.listDeployKeys, { ...ownerAndRepo(repository), per_page: 100 }) })
    .catch(absentIfNotFound);
  const found = keys?.find(({ title }) => title === name);
  return found && { id: found.id, key: withoutComment(found.key), readOnly: found.read_only };
}

async function create(github: GithubClient, ctx: CallContext, repository: string, { deployKeyName, publicKey, readOnly }: Input): Promise<DeployKey> {
  const { data } = await github.call(ctx, {
    what: `add the deploy key ${deployKeyName} to ${repository}`,
    ...{ write: true, needs: { administration: 'write' }, repository },
    send: (octokit) => octokit.rest.repos.createDeployKey({ ...ownerAndRepo(repository), title: deployKeyName, key: publicKey, read_only: readOnly }),
  });
  return { id: data.id, key: withoutComment(publicKey), readOnly };
}

async function remove(github: GithubClient, ctx: CallContext, repository: string, id: number): Promise<boolean> {
  const call = { what: `remove the deploy key ${id} of ${repository}`, write: true, needs: { administration: 'write' }, repository } as const;
  const answer = await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.repos.deleteDeployKey({ ...ownerAndRepo(repository), key_id: id }) })
    .catch(absentIfNotFound);
  return answer !== undefined;
}

function withoutComment(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ');
}
