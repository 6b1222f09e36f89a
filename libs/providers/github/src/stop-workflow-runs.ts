import type { ResourceContext } from '@slipway/engine';
import type { GithubClient } from './client.js';
import { isOneOf } from './is-one-of.js';
import { ownerAndRepo } from './repository-place.js';
import { listOpenRuns, type WorkflowRun } from './workflow-runs.js';

/** Asks that each run of the repository be cancelled, and answers how many had not ended: GitHub takes its time over it. */
export async function stopWorkflowRuns(github: GithubClient, ctx: ResourceContext, repository: string): Promise<number> {
  try {
    const open = await listOpenRuns(github, ctx, repository);
    for (const run of open) await cancel(github, ctx, repository, run);
    return open.length;
  } catch (error) {
    // Runs are not open to every kind of token. The repository can be removed all the same.
    if (!isOneOf(error, ['github_forbidden', 'github_not_found', 'github_rejected'])) throw error;
    ctx.log.warn(`${error.message} What a workflow run still publishes may stay: delete it on GitHub.`);
    return 0;
  }
}

async function cancel(github: GithubClient, ctx: ResourceContext, repository: string, { id, htmlUrl }: WorkflowRun): Promise<void> {
  const call = { what: `cancel the workflow run ${htmlUrl}`, write: true, needs: { actions: 'write' }, repository } as const;
  try {
    await github.call(ctx, { ...call, send: (octokit) => octokit.rest.actions.cancelWorkflowRun({ ...ownerAndRepo(repository), run_id: id }) });
  } catch (error) {
    // It has ended meanwhile, or was asked before.
    if (!isOneOf(error, ['github_conflict'])) throw error;
  }
}
