import { SecretReference } from '@slipway/contracts';
import { defineStep, type ResourceKind, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import { givenSecret, notBoth } from './given-secret.js';
import { ownedRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';

const webhookKind = 'github:webhook';

const Input = z
  .object({
    ...repositoryPlace,
    webhookUrl: z.url({ protocol: /^https?$/ }),
    /** Typed by a person: `${{ secrets.NAME }}`. */
    webhookSecret: z.string().min(1).optional(),
    /** The installation's own, by its reference. */
    webhookSecretFrom: SecretReference.optional(),
    events: z.array(z.string().regex(/^(\*|[a-z_]+)$/, 'must be the name of an event, or *')).min(1).default(['push']),
    active: z.boolean().default(true),
    contentType: z.enum(['form', 'json']).default('form'),
    insecureSsl: z.boolean().default(false),
  })
  .refine(...oneRepository)
  .refine(notBoth('webhookSecret'), { path: ['webhookSecret'], message: 'either it or `webhookSecretFrom`, and not both' });
type Input = z.output<typeof Input>;

const Output = z.object({ id: z.number(), url: z.string() });
type Hook = { id: number };

const needs = { repository_hooks: 'write' } as const;

export function createWebhook(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:webhook',
    description: 'Adds a webhook to a repository of this service.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const { kind, title, ...place } = webhookOf(foreseenName(github.config, input), input.webhookUrl);
      return [{ effect: 'create', kind, title, externalId: externalIdOf(place) }];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await ownedRepository(github, ctx, fullName, 'add a webhook to');
      const { webhookSecret: typed, webhookSecretFrom: reference } = input;
      const secret = await givenSecret(ctx, { input: 'webhookSecret', typed, reference });
      const settings = { config: configOf(input, secret), events: input.events, active: input.active };
      const { id } = await ensureThing<Hook>(ctx, repository, webhookOf(fullName, input.webhookUrl), {
        find: () => findWebhook(github, ctx, fullName, input.webhookUrl),
        make: () => send(github, ctx, fullName, settings),
        // Its secret cannot be read, so whether it is the one that was asked for is made sure.
        renew: ({ id }) => send(github, ctx, fullName, settings, id),
        record: (hook) => ({ url: `${repository.htmlUrl}/settings/hooks/${hook.id}`, properties: { id: hook.id } }),
      });
      return { output: { id, url: input.webhookUrl } };
    },
  });
}

export function webhookKindOf(github: GithubClient): ResourceKind {
  const hookOf = (ctx: CallContext, row: { properties: Record<string, unknown> }) =>
    findWebhook(github, ctx, String(row.properties['repository']), String(row.properties['name']));
  return kindOfThing(github, webhookKind, {
    exists: async (ctx, _repository, row) => (await hookOf(ctx, row)) !== undefined,
    async remove(ctx, { fullName }, row) {
      const hook = await hookOf(ctx, row);
      if (!hook) return false;
      const call = { what: `remove the webhook ${hook.id} of ${fullName}`, write: true, needs, repository: fullName };
      await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.deleteWebhook({ ...ownerAndRepo(fullName), hook_id: hook.id }) });
      return true;
    },
  });
}

function webhookOf(repository: string, url: string): Thing {
  return { kind: webhookKind, name: url, repository, title: `Webhook ${url} of ${repository}` };
}

function configOf({ webhookUrl, contentType, insecureSsl }: Input, secret: string | undefined) {
  return { url: webhookUrl, content_type: contentType, insecure_ssl: insecureSsl ? '1' : '0', ...(secret !== undefined && { secret }) };
}

async function findWebhook(github: GithubClient, ctx: CallContext, fullName: string, url: string): Promise<Hook | undefined> {
  const call = { what: `read the webhooks of ${fullName}`, needs, repository: fullName };
  const hooks = await github
    .call(ctx, { ...call, send: (octokit) => octokit.paginate(octokit.rest.repos.listWebhooks, { ...ownerAndRepo(fullName), per_page: 100 }) })
    .catch(absentIfNotFound);
  const found = hooks?.find(({ config }) => config.url === url);
  return found && { id: Number(found.id) };
}

interface Settings {
  config: ReturnType<typeof configOf>;
  events: string[];
  active: boolean;
}

/** Made, or with `id` changed. */
async function send(github: GithubClient, ctx: CallContext, fullName: string, settings: Settings, id?: number): Promise<Hook> {
  const place = ownerAndRepo(fullName);
  const { data } = await github.call(ctx, {
    what: `${id === undefined ? 'add the webhook' : 'change the webhook'} ${settings.config.url} of ${fullName}`,
    ...{ write: true, needs, repository: fullName },
    send: async (octokit) =>
      id === undefined
        ? octokit.rest.repos.createWebhook({ ...place, ...settings })
        : octokit.rest.repos.updateWebhook({ ...place, ...settings, hook_id: id }),
  });
  return { id: Number(data.id) };
}
