import type { components } from '@octokit/openapi-types';
import { readCommit } from '../../git/commits.js';
import type { AppView } from '../access/app-view.js';
import { headCommit } from '../commit-view.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { fullName, minimalRepository } from '../repository-view.js';
import type { World } from '../world.js';

export type CheckStatus = 'queued' | 'in_progress' | 'completed';
export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required';

/** One check of a commit, whoever made it: an app, or a job of a workflow run. */
export interface Check {
  id: number;
  name: string;
  status: CheckStatus;
  conclusion: CheckConclusion | null;
  externalId: string;
  detailsUrl: string;
  title: string | null;
  summary: string | null;
  /** ISO 8601 */
  startedAt: string;
  completedAt: string | null;
}

/** All checks that one app made of one commit. */
export interface Suite {
  id: number;
  sha: string;
  branch: string | null;
  status: CheckStatus;
  conclusion: CheckConclusion | null;
  createdAt: string;
  updatedAt: string;
  app: AppView;
  checks: number;
}

export function checkRunView(check: Check, suite: Suite, repository: Repository, world: World) {
  return { ...checkFields(check, suite, repository, world), check_suite: { id: suite.id } } satisfies components['schemas']['check-run'];
}

export function checkRunEvent(check: Check, suite: Suite, repository: Repository, world: World) {
  return {
    ...checkFields(check, suite, repository, world),
    check_suite: { ...suiteFields(suite, repository, world), repository: minimalRepository(repository, world) },
  };
}

export async function checkSuiteEvent(suite: Suite, repository: Repository, world: World) {
  const commit = await readCommit(world.gitDirectory(repository), suite.sha);
  if (!commit) throw new Error(`${fullName(repository)} has no commit ${suite.sha} of check suite ${suite.id}`);
  const fields = suiteFields(suite, repository, world);
  return {
    ...fields,
    latest_check_runs_count: suite.checks,
    check_runs_url: `${fields.url}/check-runs`,
    head_commit: headCommit(commit),
  };
}

function checkFields(check: Check, suite: Suite, repository: Repository, world: World) {
  const url = `${world.apiUrl}/repos/${fullName(repository)}/check-runs/${check.id}`;
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId('CR', check.id),
    head_sha: suite.sha,
    external_id: check.externalId,
    url,
    html_url: `${world.url}/${fullName(repository)}/runs/${check.id}`,
    details_url: check.detailsUrl,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: { title: check.title, summary: check.summary, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    app: suite.app,
    pull_requests: [],
  };
}

function suiteFields(suite: Suite, repository: Repository, world: World) {
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.branch,
    head_sha: suite.sha,
    status: suite.status,
    conclusion: suite.conclusion,
    url: `${world.apiUrl}/repos/${fullName(repository)}/check-suites/${suite.id}`,
    before: null,
    after: suite.sha,
    pull_requests: [],
    app: suite.app,
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  };
}
