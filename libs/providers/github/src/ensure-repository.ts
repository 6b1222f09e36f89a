import { type PlannedResource, StepError, type StepContext } from '@slipway/engine';
import type { GithubClient } from './client.js';
import { findRepository, toRepository, type Repository } from './find-repository.js';
import { describeWithMark } from './mark.js';
import { isOfThisService } from './owned-repository.js';
import { repositoryKind } from './repository-kind.js';
import { ownerAndRepo } from './repository-place.js';
import { type RepositorySettings, settingsOnCreation } from './repository-settings.js';
import { waitUntil } from './wait-until.js';

/** For a repository that GitHub says is there and does not show yet. */
const visibleWithinMs = 30_000;

/** The repository of this service, made unless it is there, with its row in the ledger. */
export async function ensureRepository(
  github: GithubClient,
  ctx: StepContext,
  { fullName, ...settings }: RepositorySettings & { fullName: string },
): Promise<Repository> {
  assertInOrganisation(github, fullName);
  const found = await findByName(github, ctx, fullName);
  if (found) await assertOurs(ctx, found);
  await ctx.resources.plan(repositoryResource(fullName));
  const repository = found ?? (await create(github, ctx, settings, fullName));
  await ctx.resources.created({
    kind: repositoryKind,
    externalId: fullName,
    url: repository.htmlUrl,
    properties: { id: repository.id, cloneUrl: repository.cloneUrl },
  });
  if (settings.topics) await setTopics(github, ctx, fullName, settings.topics);
  ctx.log.info(`${found ? 'Found our' : 'Created the'} repository ${repository.htmlUrl}.`);
  return repository;
}

export function repositoryResource(fullName: string): PlannedResource {
  return { kind: repositoryKind, externalId: fullName, title: `Repository ${fullName}` };
}

function assertInOrganisation({ config }: GithubClient, fullName: string): void {
  const { owner } = ownerAndRepo(fullName);
  if (owner.toLowerCase() === config.org.toLowerCase()) return;
  throw new StepError('fatal', 'github_other_owner', `Could not create the repository ${fullName}: the GitHub integration creates in ${config.org} alone.`, {
    remedy: `Name ${config.org} as the owner.`,
  });
}

/** A repository renamed away still answers under its old name, which is free all the same. */
async function findByName(github: GithubClient, ctx: StepContext, fullName: string): Promise<Repository | undefined> {
  const found = await findRepository(github, ctx, fullName);
  return found?.fullName.toLowerCase() === fullName.toLowerCase() ? found : undefined;
}

async function assertOurs(ctx: StepContext, found: Repository): Promise<void> {
  if (await isOfThisService(ctx, found)) return;
  const state = found.archived ? 'an archived repository' : 'a repository';
  throw nameTaken(found.fullName, `${state} of that name exists (${found.htmlUrl}) and does not belong to this service`);
}

async function create(github: GithubClient, ctx: StepContext, settings: RepositorySettings, fullName: string): Promise<Repository> {
  try {
    const made = await send(github, ctx, settings, fullName);
    await untilVisible(github, ctx, fullName);
    return made;
  } catch (error) {
    if (!isNameExists(error)) throw error;
    // Taken since we looked: by an attempt of ours whose answer was lost, or by somebody else.
    const holder = await waitUntil(ctx, visibleWithinMs / 3, () => findByName(github, ctx, fullName));
    if (!holder) throw nameTaken(fullName, 'GitHub says that the name is in use, by a repository that our token may not see');
    await assertOurs(ctx, holder);
    return holder;
  }
}

async function send(github: GithubClient, ctx: StepContext, settings: RepositorySettings, fullName: string): Promise<Repository> {
  const { data } = await github.call(ctx, {
    what: `create the repository ${fullName}`,
    write: true,
    // Not yet there, so it cannot be named.
    needs: { administration: 'write' },
    send: (octokit) =>
      octokit.request('POST /orgs/{org}/repos', {
        org: github.config.org,
        name: ownerAndRepo(fullName).repo,
        description: describeWithMark(settings.description, ctx.mark),
        auto_init: false,
        ...settingsOnCreation(settings),
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

async function setTopics(github: GithubClient, ctx: StepContext, fullName: string, names: string[]): Promise<void> {
  await github.call(ctx, {
    what: `set the topics of ${fullName}`,
    write: true,
    needs: { administration: 'write' },
    repository: fullName,
    send: (octokit) => octokit.rest.repos.replaceAllTopics({ ...ownerAndRepo(fullName), names }),
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
