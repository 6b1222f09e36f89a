import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import { labelView } from '../issues/labels.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { eventRepository, fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { PullRequest } from './model.js';

export interface Diff {
  commits: number;
  additions: number;
  deletions: number;
  changedFiles: number;
  mergeable: boolean | null;
}

/** What lists hold. */
export function pullItem(pull: PullRequest, repository: Repository, world: World) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  const url = `${api}/pulls/${pull.number}`;
  const issue = `${api}/issues/${pull.number}`;
  const html = `${world.url}/${fullName(repository)}/pull/${pull.number}`;
  const statuses = `${api}/statuses/${pull.head.sha}`;
  const side = ({ ref, sha }: PullRequest['head']) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: simpleUser(world.ownerOf(repository), world),
    repo: eventRepository(repository, world) as unknown as components['schemas']['repository'],
  });
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: simpleUser(world.viewer, world),
    body: pull.body,
    labels: (pull.labels ?? []).map((label) => ({ ...labelView(label, repository, world), description: label.description ?? '' })),
    milestone: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(pull.head),
    base: side(pull.base),
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: 'MEMBER' as const,
    auto_merge: null,
    active_lock_reason: null,
    draft: pull.draft,
  } satisfies components['schemas']['pull-request-simple'];
}

/** What reading, making or changing one answers, and what webhooks carry. */
export function pullView(pull: PullRequest, diff: Diff, repository: Repository, world: World) {
  return {
    ...pullItem(pull, repository, world),
    merged: pull.mergedAt !== null,
    mergeable: diff.mergeable,
    rebaseable: diff.mergeable,
    mergeable_state: diff.mergeable === null ? 'unknown' : diff.mergeable ? 'clean' : 'dirty',
    merged_by: pull.mergedAt === null ? null : simpleUser(world.viewer, world),
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: diff.commits,
    additions: diff.additions,
    deletions: diff.deletions,
    changed_files: diff.changedFiles,
  };
}
