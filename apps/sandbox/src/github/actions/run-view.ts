import type { components } from '@octokit/openapi-types';
import { readCommit } from '../../git/commits.js';
import { without } from '../../core/without.js';
import { simpleUser } from '../account-view.js';
import { headCommit } from '../commit-view.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { eventRepository, fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { Job, Run, Workflow } from './model.js';

type Schemas = components['schemas'];

export function workflowView(workflow: Workflow, repository: Repository, world: World) {
  const html = `${world.url}/${fullName(repository)}`;
  return {
    id: workflow.id,
    node_id: nodeId('W', workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: 'active' as const,
    created_at: workflow.createdAt,
    updated_at: workflow.createdAt,
    url: `${world.apiUrl}/repos/${fullName(repository)}/actions/workflows/${workflow.id}`,
    html_url: `${html}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${html}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
  } satisfies Schemas['workflow'];
}

export async function runView(run: Run, repository: Repository, world: World) {
  const commit = await readCommit(world.gitDirectory(repository), run.sha);
  if (!commit) throw new Error(`${fullName(repository)} has no commit ${run.sha} of run ${run.id}`);
  const api = `${world.apiUrl}/repos/${fullName(repository)}/actions`;
  const url = `${api}/runs/${run.id}`;
  const minimal = bareRepository(repository, world);
  return {
    id: run.id,
    name: run.workflowName,
    node_id: nodeId('WFR', run.id),
    head_branch: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    head_sha: run.sha,
    path: run.path,
    display_title: run.title,
    run_number: run.number,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CS', run.id),
    url,
    html_url: `${world.url}/${fullName(repository)}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor: simpleUser(world.viewer, world),
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: run.startedAt,
    triggering_actor: simpleUser(world.viewer, world),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${world.apiUrl}/repos/${fullName(repository)}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${api}/workflows/${run.workflowId}`,
    head_commit: headCommit(commit),
    repository: minimal,
    head_repository: minimal,
  } satisfies Schemas['workflow-run'];
}

export function jobView(job: Job, run: Run, repository: Repository, world: World) {
  return jobFields(job, run, repository, world) satisfies Schemas['job'];
}

/** In a webhook a job that waits has no runner and no steps yet. */
export function jobEventView(job: Job, run: Run, repository: Repository, world: World) {
  return jobFields(job, run, repository, world);
}

function jobFields(job: Job, run: Run, repository: Repository, world: World) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  const runs = run.status !== 'queued';
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflowName,
    head_branch: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: run.attempt,
    node_id: nodeId('CR', job.id),
    head_sha: run.sha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${world.url}/${fullName(repository)}/actions/runs/${run.id}/job/${job.id}`,
    status: run.status,
    conclusion: run.conclusion,
    created_at: run.startedAt,
    started_at: job.startedAt ?? run.startedAt,
    completed_at: job.completedAt,
    name: job.name,
    steps: runs ? stepsOf(job, run) : [],
    check_run_url: `${api}/check-runs/${job.id}`,
    labels: job.labels,
    runner_id: runs ? 1 : null,
    runner_name: runs ? 'GitHub Actions 1' : null,
    runner_group_id: runs ? 0 : null,
    runner_group_name: runs ? 'GitHub Actions' : null,
  };
}

function stepsOf(job: Job, run: Run) {
  const names = ['Set up job', ...job.steps, 'Complete job'];
  return names.map((name, index) => ({
    name,
    status: run.status === 'queued' ? ('queued' as const) : run.status,
    conclusion: run.conclusion,
    number: index + 1,
    started_at: job.startedAt,
    completed_at: job.completedAt,
  }));
}

/** The repository as a run names it: what it is and where, nothing of its settings. */
function bareRepository(repository: Repository, world: World) {
  return without(eventRepository(repository, world), 'custom_properties');
}
