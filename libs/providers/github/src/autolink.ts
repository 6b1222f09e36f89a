import { defineStep, type ResourceKind, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import { ownedRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';

const autolinkKind = 'github:autolink';

const Input = z
  .object({
    ...repositoryPlace,
    /** `TICKET-` makes a link of TICKET-123. */
    keyPrefix: z.string().regex(/^[A-Za-z0-9\-_+=:/#]+$/, 'must be letters, digits and - _ + = : / #'),
    urlTemplate: z.string().includes('<num>', { message: 'must hold <num>, where the reference goes' }),
    /** Whether a reference may have letters; else digits alone. */
    isAlphanumeric: z.boolean().default(true),
  })
  .refine(...oneRepository);
type Input = z.output<typeof Input>;

const Output = z.object({ id: z.number() });

interface Autolink {
  id: number;
  urlTemplate: string;
  isAlphanumeric: boolean;
}

export function createAutolink(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:autolinks:create',
    description: 'Makes links of references such as TICKET-123 in a repository of this service.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const { kind, title, ...place } = autolinkOf(foreseenName(github.config, input), input.keyPrefix);
      return [{ effect: 'create', kind, title, externalId: externalIdOf(place) }];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await ownedRepository(github, ctx, fullName, 'add an autolink to');
      const { id } = await ensureThing<Autolink>(ctx, repository, autolinkOf(fullName, input.keyPrefix), {
        find: () => findAutolink(github, ctx, fullName, input.keyPrefix),
        make: () => create(github, ctx, fullName, input),
        // GitHub changes none.
        renew: async (found) => {
          if (found.urlTemplate === input.urlTemplate && found.isAlphanumeric === input.isAlphanumeric) return found;
          await remove(github, ctx, fullName, found.id);
          return create(github, ctx, fullName, input);
        },
        record: () => ({ url: `${repository.htmlUrl}/settings/key_links` }),
      });
      return { output: { id } };
    },
  });
}

export function autolinkKindOf(github: GithubClient): ResourceKind {
  return kindOfThing(github, autolinkKind, {
    exists: async (ctx, { fullName }, row) => (await findAutolink(github, ctx, fullName, String(row.properties['name']))) !== undefined,
    async remove(ctx, { fullName }, row) {
      const found = await findAutolink(github, ctx, fullName, String(row.properties['name']));
      return found !== undefined && remove(github, ctx, fullName, found.id);
    },
  });
}

function autolinkOf(repository: string, keyPrefix: string): Thing {
  return { kind: autolinkKind, name: keyPrefix, repository, title: `Autolink ${keyPrefix} of ${repository}` };
}

async function findAutolink(github: GithubClient, ctx: CallContext, repository: string, keyPrefix: string): Promise<Autolink | undefined> {
  const call = { what: `read the autolinks of ${repository}`, needs: { administration: 'read' }, repository } as const;
  const answer = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.listAutolinks(ownerAndRepo(repository)) }).catch(absentIfNotFound);
  const found = answer?.data.find(({ key_prefix: prefix }) => prefix === keyPrefix);
  return found && { id: found.id, urlTemplate: found.url_template, isAlphanumeric: found.is_alphanumeric };
}

async function create(github: GithubClient, ctx: CallContext, repository: string, { keyPrefix, urlTemplate, isAlphanumeric }: Input): Promise<Autolink> {
  const { data } = await github.call(ctx, {
    what: `add the autolink ${keyPrefix} to ${repository}`,
    ...{ write: true, needs: { administration: 'write' }, repository },
    send: (octokit) =>
      octokit.rest.repos.createAutolink({ ...ownerAndRepo(repository), key_prefix: keyPrefix, url_template: urlTemplate, is_alphanumeric: isAlphanumeric }),
  });
  return { id: data.id, urlTemplate, isAlphanumeric };
}

async function remove(github: GithubClient, ctx: CallContext, repository: string, id: number): Promise<boolean> {
  const call = { what: `remove the autolink ${id} of ${repository}`, write: true, needs: { administration: 'write' }, repository } as const;
  const answer = await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.repos.deleteAutolink({ ...ownerAndRepo(repository), autolink_id: id }) })
    .catch(absentIfNotFound);
  return answer !== undefined;
}
