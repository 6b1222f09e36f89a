import type { FastifyInstance } from 'fastify';
import { GitHubError } from '../errors.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import type { Run } from './model.js';
import { jobView, runView } from './run-view.js';
import type { Runs } from './runs.js';

interface Place {
  Params: RepositoryPlace['Params'] & { id: string };
}
interface ListPlace extends RepositoryPlace {
  Querystring: { branch?: string; event?: string; status?: string; head_sha?: string };
}

export function runRoutes(app: FastifyInstance, world: World, runs: Runs): void {
  const open = ({ owner, repo, id }: Place['Params']) => {
    const repository = world.requireRepository(owner, repo);
    return { repository, run: runs.require(repository, id) };
  };

  app.get<ListPlace>('/repos/:owner/:repo/actions/runs', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const all = runs.list(repository).filter((run) => isAskedFor(run, request.query));
    const page = paginate(all, request, reply, world);
    return { total_count: all.length, workflow_runs: await Promise.all(page.map((run) => runView(run, repository, world))) };
  });

  app.get<Place>('/repos/:owner/:repo/actions/runs/:id', (request) => {
    const { repository, run } = open(request.params);
    return runView(run, repository, world);
  });

  app.get<Place>('/repos/:owner/:repo/actions/runs/:id/jobs', (request, reply) => {
    const { repository, run } = open(request.params);
    const jobs = paginate(run.jobs, request, reply, world).map((job) => jobView(job, run, repository, world));
    return { total_count: run.jobs.length, jobs };
  });

  app.get<Place>('/repos/:owner/:repo/actions/jobs/:id', (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    for (const run of runs.list(repository)) {
      const job = run.jobs.find(({ id }) => String(id) === request.params.id);
      if (job) return jobView(job, run, repository, world);
    }
    throw new GitHubError(404, 'Not Found');
  });

  app.post<Place>('/repos/:owner/:repo/actions/runs/:id/cancel', (request, reply) => {
    const { repository, run } = open(request.params);
    runs.cancel(repository, run);
    return reply.code(202).send({});
  });

  app.post<Place>('/repos/:owner/:repo/actions/runs/:id/rerun', (request, reply) => {
    const { repository, run } = open(request.params);
    runs.rerun(repository, run);
    return reply.code(201).send({});
  });
}

function isAskedFor(run: Run, { branch, event, status, head_sha: sha }: ListPlace['Querystring']): boolean {
  if (branch !== undefined && run.ref !== `refs/heads/${branch}`) return false;
  if (event !== undefined && run.event !== event) return false;
  if (status !== undefined && run.status !== status && run.conclusion !== status) return false;
  return sha === undefined || run.sha === sha;
}
