import { type StepContext, StepError } from '@slipway/engine';
import type { GithubClient } from './client.js';
import { findRepository, type Repository } from './find-repository.js';
import { isOurs } from './mark.js';
import { repositoryKind } from './repository-kind.js';
import { waitUntil } from './wait-until.js';

const visibleWithinMs = 30_000;

/**
 * A repository that this service made: what a template names may come from a form, and must not reach into another's. `doing`
 * completes "Could not … acme/shop". Waits a little, since a repository made a moment ago may not show yet.
 */
export async function ownedRepository(github: GithubClient, ctx: StepContext, fullName: string, doing: string): Promise<Repository> {
  const found = await existingRepository(github, ctx, fullName, doing);
  if (await isOfThisService(ctx, found)) return found;
  throw new StepError('fatal', 'github_repository_foreign', `Could not ${doing} ${fullName}: it does not belong to this service.`, {
    remedy: `Name a repository that this service created. If ${found.htmlUrl} is one, restore the end of its description.`,
  });
}

/** By a row of this entity's life: what an earlier one of its name left behind is another's. */
export async function isOfThisService(ctx: StepContext, repository: Repository): Promise<boolean> {
  if (isOurs(repository, ctx.mark, undefined)) return true;
  const lives = [ctx.mark, ctx.runId];
  const standing = await ctx.resources.standing();
  return standing.some((row) => row.kind === repositoryKind && lives.includes(row.runId) && isOurs(repository, ctx.mark, row.properties['id']));
}

/** Anybody's that we may see. */
export async function existingRepository(github: GithubClient, ctx: StepContext, fullName: string, doing: string): Promise<Repository> {
  const found = await waitUntil(ctx, visibleWithinMs, () => findRepository(github, ctx, fullName));
  if (found) return found;
  throw new StepError('fatal', 'github_not_found', `Could not ${doing} ${fullName}: there is no such repository.`, {
    remedy: 'Create it first (github:repo:create), and check that the token may see it.',
  });
}
