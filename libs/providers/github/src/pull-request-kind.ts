import { type LedgerResource, type Removal, type ResourceContext, type ResourceKind, StepError } from '@slipway/engine';
import type { CallContext, GithubClient } from './client.js';
import { findRepository, type Repository } from './find-repository.js';
import { closePullRequest, listPullRequests } from './pull-requests.js';
import { ownerAndRepo } from './repository-place.js';
import { absentIfNotFound, keptAsArchived } from './thing-in-repository.js';

export const pullRequestKind = 'github:pull-request';

/** The last line of the commit's message, which is made before anything shows at GitHub. */
export function withMark(message: string, mark: string): string {
  return `${message.trim()}\n\nSlipway-Mark: ${mark}`;
}

function carriesTrailer(message: string, mark: string): boolean {
  return message.trimEnd().endsWith(`\nSlipway-Mark: ${mark}`);
}

export function pullRequestId(repository: string, branch: string): string {
  return `${repository}:${branch}`;
}

/** A branch and the pull request from it, one thing: closed and deleted together. What was merged is part of the other branch's history. */
export function pullRequestKindOf(github: GithubClient): ResourceKind {
  return {
    kind: pullRequestKind,
    async observe(ctx, row) {
      const { repository, branch } = placeOf(row);
      if (!(await findRepository(github, ctx, repository))) return { exists: false };
      const open = (await listPullRequests(github, ctx, { repository, branch })).find(({ state }) => state === 'open');
      const tip = await readBranch(github, ctx, repository, branch);
      if (!open && !tip) return { exists: false };
      return { exists: true, owned: tip !== undefined && carriesTrailer(tip.message, ctx.mark), ...(open && { detail: open.htmlUrl }) };
    },
    async remove(ctx, row) {
      const { repository, branch } = placeOf(row);
      const found = await findRepository(github, ctx, repository);
      if (!found) return { outcome: 'absent' };
      return takeBack(github, ctx, { found, branch, ours: row.properties['commit'] });
    },
  };
}

async function takeBack(
  github: GithubClient,
  ctx: ResourceContext,
  { found, branch, ours }: { found: Repository; branch: string; ours: unknown },
): Promise<Removal> {
  const repository = found.fullName;
  const pulls = await listPullRequests(github, ctx, { repository, branch });
  const merged = pulls.find((pull) => pull.merged && pull.head === ours);
  if (merged) return { outcome: 'kept', note: `${merged.htmlUrl} was merged.` };
  const tip = await readBranch(github, ctx, repository, branch);
  if (!tip) return { outcome: 'absent' };
  if (!carriesTrailer(tip.message, ctx.mark)) {
    const note = `The branch ${branch} of ${found.htmlUrl} holds ${tip.commit.slice(0, 7)}, which we did not push: left as it is.`;
    return { outcome: ours === undefined ? 'foreign' : 'kept', note };
  }
  if (found.archived) return keptAsArchived(found);
  for (const pull of pulls) if (pull.state === 'open') await closePullRequest(github, ctx, repository, pull.number);
  await deleteBranch(github, ctx, repository, branch);
  ctx.log.info(`Closed the pull request from ${branch} of ${repository} and deleted the branch.`);
  return { outcome: 'removed' };
}

function placeOf({ properties }: LedgerResource): { repository: string; branch: string } {
  return { repository: String(properties['repository']), branch: String(properties['branch']) };
}

/** Its tip and what that says; undefined where there is no such branch. */
async function readBranch(github: GithubClient, ctx: CallContext, repository: string, branch: string) {
  const call = { what: `look for the branch ${branch} of ${repository}`, needs: { contents: 'read' }, repository } as const;
  const answer = await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.repos.getBranch({ ...ownerAndRepo(repository), branch }) })
    .catch(absentIfNotFound);
  return answer && { commit: answer.data.commit.sha, message: answer.data.commit.commit.message };
}

async function deleteBranch(github: GithubClient, ctx: CallContext, repository: string, branch: string): Promise<void> {
  const call = { what: `delete the branch ${branch} of ${repository}`, write: true, needs: { contents: 'write' }, repository } as const;
  await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.git.deleteRef({ ...ownerAndRepo(repository), ref: `heads/${branch}` }) })
    .catch((error: unknown) => {
      // Gone since we looked: closing it may have made GitHub delete it.
      if (error instanceof StepError && /does not exist/i.test(error.message)) return undefined;
      return absentIfNotFound(error);
    });
}

export function assertOursToUse(message: string, mark: string, { branch, htmlUrl }: { branch: string; htmlUrl: string }): void {
  if (carriesTrailer(message, mark)) return;
  throw new StepError('fatal', 'github_branch_taken', `There is a branch ${branch} in ${htmlUrl} already, and what it holds was not made by this service.`, {
    remedy: 'Choose another branchName, or have that branch deleted.',
  });
}
