import { RepositoryName } from '@slipway/contracts';
import { defineStep, type PlannedResource, StepError, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { findRepository, toRepository, type Repository } from './find-repository.js';
import { carriesMark, describeWithMark } from './mark.js';
import { repositoryKind } from './repository-kind.js';
import { waitUntil } from './wait-until.js';

const Input = z.object({
  name: RepositoryName,
  description: z.string().max(300).optional(),
  visibility: z.enum(['private', 'internal', 'public']).default('private'),
});
type Input = z.output<typeof Input>;

const Output = z.object({
  id: z.number(),
  owner: z.string(),
  name: z.string(),
  fullName: z.string(),
  htmlUrl: z.string(),
  cloneUrl: z.string(),
  defaultBranch: z.string(),
});

/** For a repository that GitHub says is there and does not show yet. */
const visibleWithinMs = 30_000;

export function createRepository(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:repo:create',
    description: 'Creates an empty repository in the organisation.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ name }) => [{ effect: 'create', ...resourceOf(`${github.config.org}/${name}`) }],
    async run(ctx, input) {
      const fullName = `${github.config.org}/${input.name}`;
      const found = await findByName(github, ctx, fullName);
      if (found) assertOurs(found, ctx.mark);
      await ctx.resources.plan(resourceOf(fullName));
      const repository = found ?? (await create(github, ctx, input, fullName));
      await ctx.resources.created({
        kind: repositoryKind,
        externalId: fullName,
        url: repository.htmlUrl,
        properties: { id: repository.id, cloneUrl: repository.cloneUrl },
      });
      ctx.log.info(`${found ? 'Found our' : 'Created the'} repository ${repository.htmlUrl}.`);
      return { output: Output.parse(repository) };
    },
  });
}

function resourceOf(fullName: string): PlannedResource {
  return { kind: repositoryKind, externalId: fullName, title: `Repository ${fullName}` };
}

/** A repository renamed away still answers under its old name, which is free all the same. */
async function findByName(github: GithubClient, ctx: StepContext, fullName: string): Promise<Repository | undefined> {
  const found = await findRepository(github, ctx, fullName);
  return found?.fullName.toLowerCase() === fullName.toLowerCase() ? found : undefined;
}

function assertOurs(found: Repository, mark: string): void {
  if (carriesMark(found.description, mark)) return;
  const state = found.archived ? 'an archived repository' : 'a repository';
  throw nameTaken(found.fullName, `${state} of that name exists (${found.htmlUrl}) and does not belong to this service`);
}

async function create(github: GithubClient, ctx: StepContext, input: Input, fullName: string): Promise<Repository> {
  try {
    const made = await send(github, ctx, input, fullName);
    await untilVisible(github, ctx, fullName);
    return made;
  } catch (error) {
    if (!isNameExists(error)) throw error;
    // Taken since we looked: by an attempt of ours whose answer was lost, or by somebody else.
    const holder = await waitUntil(ctx, visibleWithinMs / 3, () => findByName(github, ctx, fullName));
    if (!holder) throw nameTaken(fullName, 'GitHub says that the name is in use, by a repository that our token may not see');
    assertOurs(holder, ctx.mark);
    return holder;
  }
}

async function send(github: GithubClient, ctx: StepContext, input: Input, fullName: string): Promise<Repository> {
  const { data } = await github.call(ctx, {
    what: `create the repository ${fullName}`,
    write: true,
    // Not yet there, so it cannot be named.
    needs: { administration: 'write' },
    // The typed method does not know `internal`, which GitHub Enterprise has.
    send: (octokit) =>
      octokit.request('POST /orgs/{org}/repos', {
        org: github.config.org,
        name: input.name,
        description: describeWithMark(input.description, ctx.mark),
        private: input.visibility !== 'public',
        visibility: input.visibility as 'private',
        auto_init: false,
        delete_branch_on_merge: true,
      }),
  });
  return toRepository(data);
}

/** GitHub may answer 404 for a while after its own 201; what comes next must not meet that. */
async function untilVisible(github: GithubClient, ctx: StepContext, fullName: string): Promise<void> {
  const seen = await waitUntil(ctx, visibleWithinMs, () => findByName(github, ctx, fullName));
  if (seen) return;
  throw new StepError('retry', 'github_not_visible', `GitHub created ${fullName} and still does not show it.`, {
    remedy: 'It is tried again. If it goes on, look at the status of GitHub, and check that the token may read the repository.',
  });
}

function isNameExists(error: unknown): boolean {
  return error instanceof StepError && error.code === 'github_rejected' && /name already exists/i.test(error.message);
}

function nameTaken(fullName: string, why: string): StepError {
  return new StepError('fatal', 'github_name_taken', `Could not create the repository ${fullName}: ${why}.`, {
    remedy: 'Choose another repository name, or have the other repository renamed or deleted.',
  });
}
