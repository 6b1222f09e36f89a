import { actionsAppView } from '../access/app-view.js';
import type { Check, Suite } from '../checks/check-view.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { Job, Run } from './model.js';

/** A workflow run as the checks of its commit tell of it. */
export function suiteOfRun(run: Run, world: World): Suite {
  const { id, sha, status, conclusion, createdAt, updatedAt } = run;
  const branch = run.ref.replace(/^refs\/(heads|tags)\//, '');
  return { id, sha, branch, status, conclusion, createdAt, updatedAt, app: actionsAppView(world), checks: run.jobs.length };
}

export function checkOfJob(job: Job, run: Run, repository: Repository, world: World): Check {
  return {
    id: job.id,
    name: job.name,
    status: run.status,
    conclusion: run.conclusion,
    externalId: '',
    detailsUrl: `${world.url}/${fullName(repository)}/actions/runs/${run.id}/job/${job.id}`,
    title: null,
    summary: null,
    startedAt: job.startedAt ?? run.startedAt,
    completedAt: job.completedAt,
  };
}
