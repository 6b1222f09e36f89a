import type { FastifyInstance } from 'fastify';
import { resolveCommit } from '../../git/commits.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { Webhooks } from '../webhooks.js';
import type { World } from '../world.js';
import { runView, workflowView } from './run-view.js';
import type { Runs } from './runs.js';
import { titleOfRun, type WorkflowFile } from './workflow-file.js';
import type { FoundWorkflow, Workflows } from './workflows.js';

interface Place {
  Params: RepositoryPlace['Params'] & { workflow: string };
}
type Dispatch = Place & { Body: { ref: string; inputs?: Record<string, unknown>; return_run_details?: boolean } };

export function workflowRoutes(app: FastifyInstance, world: World, workflows: Workflows, runs: Runs, webhooks: Webhooks): void {
  const require = async ({ owner, repo, workflow }: Place['Params']): Promise<FoundWorkflow & { repository: Repository }> => {
    const repository = world.requireRepository(owner, repo);
    const found = await workflows.find(repository, workflow);
    if (!found) throw new GitHubError(404, 'Not Found');
    return { repository, ...found };
  };

  app.get<RepositoryPlace>('/repos/:owner/:repo/actions/workflows', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const all = (await workflows.list(repository)).map(({ workflow }) => workflowView(workflow, repository, world));
    return { total_count: all.length, workflows: paginate(all, request, reply, world) };
  });

  app.get<Place>('/repos/:owner/:repo/actions/workflows/:workflow', async (request) => {
    const { repository, workflow } = await require(request.params);
    return workflowView(workflow, repository, world);
  });

  app.get<Place>('/repos/:owner/:repo/actions/workflows/:workflow/runs', async (request, reply) => {
    const { repository, workflow } = await require(request.params);
    const all = runs.list(repository).filter(({ workflowId }) => workflowId === workflow.id);
    const page = paginate(all, request, reply, world);
    return { total_count: all.length, workflow_runs: await Promise.all(page.map((run) => runView(run, repository, world))) };
  });

  app.post<Dispatch>('/repos/:owner/:repo/actions/workflows/:workflow/dispatches', async (request, reply) => {
    const { repository, workflow } = await require(request.params);
    assertWritable(repository);
    const { ref: asked, inputs = {}, return_run_details: details = false } = request.body;
    const { ref, sha } = await requireRef(repository, asked, world);
    // What counts is the file as it is at the ref, which may be another than the default branch has.
    const there = (await workflows.at(repository, sha)).find(({ workflow: { path } }) => path === workflow.path);
    if (!there || there.file.on['workflow_dispatch'] === undefined) {
      throw new GitHubError(422, "Workflow does not have 'workflow_dispatch' trigger");
    }
    checkInputs(there.file, inputs);
    const run = runs.start(repository, there, {
      ...{ event: 'workflow_dispatch' as const, ref, sha },
      title: titleOfRun(there.file, inputs) ?? workflow.name,
    });
    webhooks.send(repository, 'workflow_dispatch', { inputs, ref, workflow: workflow.path });
    if (!details) return reply.code(204).send();
    const runUrl = `${world.apiUrl}/repos/${fullName(repository)}/actions/runs/${run.id}`;
    return { workflow_run_id: run.id, run_url: runUrl, html_url: `${world.url}/${fullName(repository)}/actions/runs/${run.id}` };
  });
}

async function requireRef(repository: Repository, asked: string, world: World): Promise<{ ref: string; sha: string }> {
  const candidates = asked.startsWith('refs/') ? [asked] : [`refs/heads/${asked}`, `refs/tags/${asked}`];
  for (const ref of candidates) {
    const sha = await resolveCommit(world.gitDirectory(repository), ref);
    if (sha) return { ref, sha };
  }
  throw new GitHubError(422, `No ref found for: ${asked}`);
}

function checkInputs({ on }: WorkflowFile, given: Record<string, unknown>): void {
  const known = on['workflow_dispatch']?.inputs ?? {};
  const unexpected = Object.keys(given).filter((name) => !(name in known));
  if (unexpected.length > 0) throw new GitHubError(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  for (const [name, input] of Object.entries(known)) {
    const value = given[name];
    if (input?.required && input.default === undefined && value === undefined) throw new GitHubError(422, `Required input '${name}' not provided`);
    if (input?.type === 'choice' && value !== undefined && !input.options?.includes(value)) {
      throw new GitHubError(422, `Provided value ${JSON.stringify(value)} for input '${name}' not in the list of allowed values`);
    }
  }
}
