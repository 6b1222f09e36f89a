import { SecretReference } from '@slipway/contracts';
import { defineStep, type ForeseenEffect, type ResourceKind, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { givenSecret, notBoth } from './given-secret.js';
import { ownedRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';

const secretKind = 'github:actions-secret';

export const SecretName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'must be letters, digits and _, and begin with no digit')
  .refine((name) => !/^GITHUB_/i.test(name), 'must not begin with GITHUB_');

const Input = z
  .strictObject({
    ...repositoryPlace,
    name: SecretName,
    /** Typed by a person: `${{ secrets.NAME }}`. */
    value: z.string().min(1).optional(),
    /** The installation's own, by its reference. */
    valueFrom: SecretReference.optional(),
    /** Of that environment; absent: of the whole repository. */
    environment: z.string().min(1).max(255).optional(),
  })
  .refine(...oneRepository)
  .refine((input) => notBoth('value')(input) && (input.value ?? input.valueFrom) !== undefined, {
    path: ['value'],
    message: 'either it or `valueFrom` must be given, and not both',
  });

const Output = z.object({ name: z.string() });

interface Place {
  repository: string;
  environment: string | undefined;
  name: string;
}

/** Its value is sealed for GitHub before it leaves this process, and nobody reads it back. */
export function createActionsSecret(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:actions:secret',
    description: 'Gives the workflows of a repository of this service a secret.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => [foreseenSecret({ ...input, environment: input.environment, repository: foreseenName(github.config, input) })],
    async run(ctx, input) {
      const place = { repository: fullNameOf(github.config, input), environment: input.environment, name: input.name.toUpperCase() };
      const repository = await ownedRepository(github, ctx, place.repository, 'set a secret of');
      const value = (await givenSecret(ctx, { input: 'value', typed: input.value, reference: input.valueFrom })) ?? '';
      await ensureActionsSecret(github, ctx, repository, place, value);
      return { output: { name: place.name } };
    },
  });
}

export function foreseenSecret(place: Place): ForeseenEffect {
  const { kind, title, ...thing } = secretOf(place);
  return { effect: 'create', kind, title, externalId: externalIdOf(thing) };
}

/** Of a repository that this service made. `place.name` in capitals, as GitHub keeps it. */
export async function ensureActionsSecret(github: GithubClient, ctx: StepContext, within: Repository, place: Place, value: string): Promise<void> {
  const write = async (): Promise<true> => {
    await put(github, ctx, place, value);
    return true;
  };
  await ensureThing<true>(ctx, within, secretOf(place), {
    find: () => exists(github, ctx, place),
    make: write,
    // What it holds cannot be read: whether it is the value that is asked for now is made sure.
    renew: write,
    record: () => ({}),
  });
}

export function actionsSecretKindOf(github: GithubClient): ResourceKind {
  const placeOf = ({ properties }: { properties: Record<string, unknown> }): Place => ({
    repository: String(properties['repository']),
    environment: typeof properties['environment'] === 'string' ? properties['environment'] : undefined,
    name: String(properties['secret']),
  });
  return kindOfThing(github, secretKind, {
    exists: async (ctx, _repository, row) => (await exists(github, ctx, placeOf(row))) === true,
    async remove(ctx, _repository, row) {
      const place = placeOf(row);
      const call = { what: `remove ${inWords(place)}`, write: true, ...scopeOf(place) };
      const { repository: repo, environment: env } = routesOf(place);
      const answer = await github
        .call(ctx, { ...call, send: async ({ rest }) => (env ? rest.actions.deleteEnvironmentSecret(env) : rest.actions.deleteRepoSecret(repo)) })
        .catch(absentIfNotFound);
      return answer !== undefined;
    },
  });
}

function secretOf(place: Place): Thing {
  const { repository, environment, name } = place;
  const within = environment === undefined ? name : `${environment}/${name}`;
  const title = inWords(place);
  const properties = { secret: name, environment: environment ?? null };
  return { kind: secretKind, name: within, repository, title: title.charAt(0).toUpperCase() + title.slice(1), properties };
}

function inWords({ repository, environment, name }: Place): string {
  return `the secret ${name} of ${environment === undefined ? repository : `the environment ${environment} of ${repository}`}`;
}

function scopeOf({ repository, environment }: Place) {
  const needs: Record<string, 'write'> = environment === undefined ? { secrets: 'write' } : { environments: 'write' };
  return { needs, repository };
}

/** Secrets of a repository and of an environment are the same at two places. */
function routesOf({ repository, environment, name }: Place) {
  const place = { ...ownerAndRepo(repository), secret_name: name };
  return { repository: place, environment: environment === undefined ? null : { ...place, environment_name: environment } };
}

async function exists(github: GithubClient, ctx: CallContext, place: Place): Promise<true | undefined> {
  const { repository: repo, environment: env } = routesOf(place);
  const call = { what: `look for ${inWords(place)}`, ...scopeOf(place) };
  const answer = await github
    .call(ctx, { ...call, send: async ({ rest }) => (env ? rest.actions.getEnvironmentSecret(env) : rest.actions.getRepoSecret(repo)) })
    .catch(absentIfNotFound);
  return answer && true;
}

async function put(github: GithubClient, ctx: CallContext, place: Place, value: string): Promise<void> {
  const { repository: repo, environment: env } = routesOf(place);
  const key = await github.call(ctx, {
    what: `read the key that seals ${inWords(place)}`,
    ...scopeOf(place),
    send: async ({ rest }) => (await (env ? rest.actions.getEnvironmentPublicKey(env) : rest.actions.getRepoPublicKey(repo))).data,
  });
  const sealed = { encrypted_value: await seal(value, key.key), key_id: key.key_id };
  await github.call(ctx, {
    what: `set ${inWords(place)}`,
    write: true,
    ...scopeOf(place),
    send: async ({ rest }) =>
      env ? rest.actions.createOrUpdateEnvironmentSecret({ ...env, ...sealed }) : rest.actions.createOrUpdateRepoSecret({ ...repo, ...sealed }),
  });
}

/** libsodium's sealed box, as GitHub asks for it: only GitHub can open it. */
async function seal(value: string, publicKey: string): Promise<string> {
  // Loaded by whoever seals something: it takes its time, and no other step needs it.
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  const sealed = sodium.crypto_box_seal(sodium.from_string(value), sodium.from_base64(publicKey, ORIGINAL));
  return sodium.to_base64(sealed, ORIGINAL);
}
