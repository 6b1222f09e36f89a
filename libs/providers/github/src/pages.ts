import { defineStep, type ResourceKind, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import { ownedRepository } from './owned-repository.js';
import { RefName } from './push-workspace.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';

const pagesKind = 'github:pages';

const Input = z
  .object({
    ...repositoryPlace,
    /** By a workflow of the repository, or, `legacy`, by GitHub from a branch. */
    buildType: z.enum(['legacy', 'workflow']).default('workflow'),
    sourceBranch: RefName.default('main'),
    sourcePath: z.enum(['/', '/docs']).default('/'),
  })
  .refine(...oneRepository);
type Input = z.output<typeof Input>;

const Output = z.object({ htmlUrl: z.string() });
type Site = z.output<typeof Output>;

const needs = { pages: 'write', administration: 'write' } as const;

export function enablePages(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:pages:enable',
    description: 'Gives a repository of this service a site (GitHub Pages).',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const { kind, title, ...place } = siteOf(foreseenName(github.config, input));
      return [{ effect: 'create', kind, title, externalId: externalIdOf(place) }];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await ownedRepository(github, ctx, fullName, 'enable a site of');
      const site = await ensureThing<Site>(ctx, repository, siteOf(fullName), {
        find: () => findSite(github, ctx, fullName, repository.htmlUrl),
        make: () => create(github, ctx, fullName, input, repository.htmlUrl),
        renew: async (found) => {
          await update(github, ctx, fullName, input);
          return found;
        },
        record: ({ htmlUrl }) => ({ url: htmlUrl }),
      });
      return { output: site };
    },
  });
}

export function pagesKindOf(github: GithubClient): ResourceKind {
  return kindOfThing(github, pagesKind, {
    exists: async (ctx, { fullName, htmlUrl }) => (await findSite(github, ctx, fullName, htmlUrl)) !== undefined,
    async remove(ctx, { fullName }) {
      const call = { what: `remove the site of ${fullName}`, write: true, needs, repository: fullName };
      const answer = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.deletePagesSite(ownerAndRepo(fullName)) }).catch(absentIfNotFound);
      return answer !== undefined;
    },
  });
}

function siteOf(repository: string): Thing {
  return { kind: pagesKind, name: 'site', repository, title: `Site of ${repository}` };
}

/** Where GitHub does not say yet where the site will be: where one reads it. */
async function findSite(github: GithubClient, ctx: CallContext, repository: string, repositoryUrl: string): Promise<Site | undefined> {
  const call = { what: `look for a site of ${repository}`, needs: { pages: 'read' }, repository } as const;
  const answer = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.getPages(ownerAndRepo(repository)) }).catch(absentIfNotFound);
  return answer && { htmlUrl: answer.data.html_url ?? settingsOf(repositoryUrl) };
}

async function create(github: GithubClient, ctx: CallContext, repository: string, input: Input, repositoryUrl: string): Promise<Site> {
  const call = { what: `enable a site of ${repository}`, write: true, needs, repository };
  const { data } = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.createPagesSite({ ...ownerAndRepo(repository), ...bodyOf(input) }) });
  return { htmlUrl: data.html_url ?? settingsOf(repositoryUrl) };
}

async function update(github: GithubClient, ctx: CallContext, repository: string, input: Input): Promise<void> {
  const call = { what: `change the site of ${repository}`, write: true, needs, repository };
  await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.updateInformationAboutPagesSite({ ...ownerAndRepo(repository), ...bodyOf(input) }) });
}

function bodyOf({ buildType, sourceBranch, sourcePath }: Input) {
  return { build_type: buildType, source: { branch: sourceBranch, path: sourcePath } };
}

function settingsOf(repositoryUrl: string): string {
  return `${repositoryUrl}/settings/pages`;
}
