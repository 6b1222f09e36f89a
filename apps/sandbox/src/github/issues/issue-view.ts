import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { Issue } from './issues.js';
import { labelView } from './labels.js';

export function issueView(issue: Issue, repository: Repository, world: World) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  const url = `${api}/issues/${issue.number}`;
  const html = `${world.url}/${fullName(repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
  const assignees = issue.assignees.map(() => simpleUser(world.viewer, world));
  return {
    id: issue.id,
    node_id: nodeId(issue.pull ? 'PR' : 'I', issue.id),
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: html,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: simpleUser(world.viewer, world),
    labels: issue.labels.map((label) => labelView(label, repository, world)),
    assignee: assignees[0] ?? null,
    assignees,
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: 0,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: 'MEMBER' as const,
    performed_via_github_app: null,
    ...(issue.pull && {
      draft: issue.pull.draft,
      pull_request: { url: `${api}/pulls/${issue.number}`, html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch`, merged_at: issue.pull.mergedAt },
    }),
  } satisfies components['schemas']['issue'];
}
