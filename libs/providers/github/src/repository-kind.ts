import type { LedgerResource, Removal, ResourceContext, ResourceKind } from '@slipway/engine';
import type { GithubClient } from './client.js';
import { findRepository, type Repository } from './find-repository.js';
import { isOurs } from './mark.js';
import { othersWork } from './others-work.js';
import { removePackage } from './remove-package.js';
import { stopWorkflowRuns } from './stop-workflow-runs.js';

export const repositoryKind = 'github:repository';

/**
 * `options.disposition` is `archive` or `delete`, as DELETE actions ask. Without it (undo) the repository is deleted only
 * while it holds nothing but what we pushed and what bots made of that; somebody's work is archived, never deleted. Its container package goes with a
 * repository that is deleted, and stays with one that is archived.
 */
export function githubRepository(github: GithubClient): ResourceKind {
  return {
    kind: repositoryKind,
    async observe(ctx, resource) {
      const found = await findRepository(github, ctx, nameOf(resource));
      if (!found) return { exists: false };
      return {
        exists: true,
        owned: isOurs(found, ctx.mark, resource.properties['id']),
        detail: found.archived ? 'archived' : found.htmlUrl,
      };
    },
    async remove(ctx, resource) {
      const found = await findRepository(github, ctx, nameOf(resource));
      if (!found) return { outcome: 'absent' };
      if (!isOurs(found, ctx.mark, resource.properties['id'])) {
        return { outcome: 'foreign', note: `${found.htmlUrl} does not carry the mark of this service: left as it is.` };
      }
      const why = await reasonToKeep(github, ctx, resource, found);
      return why === undefined ? destroy(github, ctx, found) : archive(github, ctx, found, why);
    },
  };
}

/** As it is called now: somebody may have renamed it since. */
function nameOf({ externalId, properties }: LedgerResource): string {
  return typeof properties['fullName'] === 'string' ? properties['fullName'] : externalId;
}

async function reasonToKeep(
  github: GithubClient,
  ctx: ResourceContext,
  resource: LedgerResource,
  found: Repository,
): Promise<string | undefined> {
  if (ctx.options['disposition'] === 'delete') return undefined;
  if (ctx.options['disposition'] === 'archive') return 'as asked';
  // An archived one was put aside on purpose.
  if (found.archived) return 'it was archived before';
  const { commit, botBranches } = resource.properties;
  return othersWork(github, ctx, found, { commit, botBranches: Array.isArray(botBranches) ? botBranches.map(String) : [] });
}

/** Runs go first: one that ended between the look at its package and the repository's end would publish what nobody removes. */
async function destroy(github: GithubClient, ctx: ResourceContext, found: Repository): Promise<Removal> {
  const stopping = await stopWorkflowRuns(github, ctx, found.fullName);
  if (stopping > 0) return { outcome: 'pending', afterMs: 1_000, reason: `GitHub is cancelling workflow runs of ${found.fullName} (${stopping})` };
  await removePackage(github, ctx, found);
  await github.call(ctx, {
    what: `delete the repository ${found.fullName}`,
    write: true,
    needs: { administration: 'write' },
    repository: found.fullName,
    send: (octokit) => octokit.rest.repos.delete({ owner: found.owner, repo: found.name }),
  });
  ctx.log.info(`Deleted the repository ${found.fullName}.`);
  return { outcome: 'removed' };
}

async function archive(github: GithubClient, ctx: ResourceContext, found: Repository, why: string): Promise<Removal> {
  if (!found.archived) {
    await github.call(ctx, {
      what: `archive the repository ${found.fullName}`,
      write: true,
      needs: { administration: 'write' },
      repository: found.fullName,
      send: (octokit) => octokit.rest.repos.update({ owner: found.owner, repo: found.name, archived: true }),
    });
  }
  return { outcome: 'kept', note: `Archived ${found.htmlUrl} (${why}). Delete it on GitHub if it is no longer needed.` };
}
