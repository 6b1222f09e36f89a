import type { CallContext, GithubClient } from './client.js';
import { ownerAndRepo } from './repository-place.js';
import { absentIfNotFound } from './thing-in-repository.js';

/** What we use of GitHub's workflow run. */
export interface WorkflowRun {
  id: number;
  name: string;
  /** Carries what the workflow shows by `run-name`. */
  title: string;
  event: string;
  branch: string | null;
  commit: string;
  status: string;
  conclusion: string | null;
  htmlUrl: string;
}

export async function readRun(github: GithubClient, ctx: CallContext, repository: string, id: number): Promise<WorkflowRun | undefined> {
  const call = { what: `read the workflow run ${id} of ${repository}`, needs: { actions: 'read' }, repository } as const;
  const answer = await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.actions.getWorkflowRun({ ...ownerAndRepo(repository), run_id: id }) })
    .catch(absentIfNotFound);
  return answer && toRun(answer.data);
}

/** The newest hundred of one workflow, newest first; `only` as GitHub filters. */
export async function listRuns(
  github: GithubClient,
  ctx: CallContext,
  { repository, workflowId, ...only }: { repository: string; workflowId: string; event?: string; head_sha?: string },
): Promise<WorkflowRun[]> {
  const { data } = await github.call(ctx, {
    what: `read the runs of ${workflowId} of ${repository}`,
    ...{ needs: { actions: 'read' }, repository },
    send: (octokit) =>
      octokit.rest.actions.listWorkflowRuns({ ...ownerAndRepo(repository), workflow_id: workflowId, per_page: 100, ...only }),
  });
  const wanted = (run: WorkflowRun) => (only.event ?? run.event) === run.event && (only.head_sha ?? run.commit) === run.commit;
  return data.workflow_runs.map(toRun).filter(wanted);
}

/** Of the repository's newest hundred, those that have not ended. */
export async function listOpenRuns(github: GithubClient, ctx: CallContext, repository: string): Promise<WorkflowRun[]> {
  const { data } = await github.call(ctx, {
    what: `read the workflow runs of ${repository}`,
    ...{ needs: { actions: 'read' }, repository },
    send: (octokit) => octokit.rest.actions.listWorkflowRunsForRepo({ ...ownerAndRepo(repository), per_page: 100 }),
  });
  return data.workflow_runs.map(toRun).filter(({ status }) => status !== 'completed');
}

interface WireRun {
  id: number | bigint;
  name?: string | null;
  display_title: string;
  event: string;
  head_branch: string | null;
  head_sha: string;
  status: string | null;
  conclusion: string | null;
  html_url: string;
}

function toRun(wire: WireRun): WorkflowRun {
  return {
    id: Number(wire.id),
    name: wire.name ?? wire.display_title,
    title: wire.display_title,
    event: wire.event,
    branch: wire.head_branch,
    commit: wire.head_sha,
    status: wire.status ?? 'queued',
    conclusion: wire.conclusion,
    htmlUrl: wire.html_url,
  };
}
