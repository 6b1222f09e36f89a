import type { FastifyInstance, FastifyRequest } from 'fastify';
import { resolveCommit } from '../../git/commits.js';
import { GitHubError } from '../errors.js';
import type { RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import { checkRunView } from './check-view.js';
import type { CheckFacts, Checks } from './checks.js';

interface CheckPlace {
  Params: RepositoryPlace['Params'] & { id: string };
}

/** Checks of a commit, which apps alone can make. */
export function checkRoutes(app: FastifyInstance, world: World, checks: Checks): void {
  app.post<RepositoryPlace & { Body: CheckFacts & { head_sha: string } }>('/repos/:owner/:repo/check-runs', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    requireApp(request);
    const { head_sha: sha, ...facts } = request.body;
    if (!(await resolveCommit(world.gitDirectory(repository), sha))) throw new GitHubError(422, `No commit found for SHA: ${sha}`);
    const { check, suite } = await checks.create(repository, sha, facts);
    const view = checkRunView(check, suite, repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.get<CheckPlace>('/repos/:owner/:repo/check-runs/:id', (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const check = checks.require(repository, request.params.id);
    return checkRunView(check, checks.suiteOf(repository, check), repository, world);
  });

  app.patch<CheckPlace & { Body: CheckFacts }>('/repos/:owner/:repo/check-runs/:id', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    requireApp(request);
    const { check, suite } = await checks.change(repository, checks.require(repository, request.params.id), request.body);
    return checkRunView(check, suite, repository, world);
  });
}

function requireApp(request: FastifyRequest): void {
  if (request.principal.kind !== 'installation') throw new GitHubError(403, 'You must authenticate via a GitHub App.');
}
