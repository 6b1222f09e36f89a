import type { CallContext, GithubClient } from './client.js';
import { ownerAndRepo } from './repository-place.js';

/** What we use of GitHub's pull request. */
export interface PullRequest {
  number: number;
  htmlUrl: string;
  state: string;
  base: string;
  /** The commit at the tip of its branch. */
  head: string;
  merged: boolean;
  body: string;
}

interface Place {
  /** owner/name */
  repository: string;
  branch: string;
}

/** All from that branch of the repository itself, newest first. */
export async function listPullRequests(github: GithubClient, ctx: CallContext, { repository, branch }: Place): Promise<PullRequest[]> {
  const { owner, repo } = ownerAndRepo(repository);
  const { data } = await github.call(ctx, {
    what: `read the pull requests of ${repository}`,
    ...{ needs: { pull_requests: 'read' }, repository },
    send: (octokit) => octokit.rest.pulls.list({ owner, repo, head: `${owner}:${branch}`, state: 'all', per_page: 100 }),
  });
  return data.map(toPullRequest);
}

export async function openPullRequest(
  github: GithubClient,
  ctx: CallContext,
  { repository, branch, ...text }: Place & { base: string; title: string; body: string; draft?: boolean | undefined },
): Promise<PullRequest> {
  const { data } = await github.call(ctx, {
    what: `open a pull request from ${branch} of ${repository}`,
    ...{ write: true, needs: { contents: 'read', pull_requests: 'write' }, repository },
    send: (octokit) => octokit.rest.pulls.create({ ...ownerAndRepo(repository), head: branch, ...text, draft: text.draft ?? false }),
  });
  return toPullRequest(data);
}

export async function closePullRequest(github: GithubClient, ctx: CallContext, repository: string, number: number): Promise<void> {
  await github.call(ctx, {
    what: `close the pull request ${number} of ${repository}`,
    ...{ write: true, needs: { pull_requests: 'write' }, repository },
    send: (octokit) => octokit.rest.pulls.update({ ...ownerAndRepo(repository), pull_number: number, state: 'closed' }),
  });
}

interface WirePullRequest {
  number: number;
  html_url: string;
  state: string;
  base: { ref: string };
  head: { sha: string };
  merged_at: string | null;
  body: string | null;
}

function toPullRequest(wire: WirePullRequest): PullRequest {
  const { number, html_url: htmlUrl, state, base, head, merged_at: mergedAt, body } = wire;
  return { number, htmlUrl, state, base: base.ref, head: head.sha, merged: mergedAt !== null, body: body ?? '' };
}
