import type { FastifyInstance } from 'fastify';
import type { components } from '@octokit/openapi-types';
import { readCommits, resolveCommit } from '../git/commits.js';
import { gitText } from '../git/run-git.js';
import { restCommit } from './commit-view.js';
import { GitHubError } from './errors.js';
import type { Repository } from './model.js';
import { nodeId } from './node-id.js';
import { fullName } from './repository-view.js';
import { pageOf, paginate, type RepositoryPlace } from './rest.js';
import type { World } from './world.js';

interface RefPlace {
  Params: RepositoryPlace['Params'] & { '*': string };
}

export function commitRoutes(app: FastifyInstance, world: World): void {
  app.get<RefPlace>('/repos/:owner/:repo/git/ref/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const refs = await nonEmptyRefs(repository, world);
    const ref = `refs/${request.params['*']}`;
    const sha = refs.get(ref);
    if (!sha) throw new GitHubError(404, 'Not Found');
    return refView(repository, ref, sha, world);
  });

  app.get<RepositoryPlace & { Querystring: Record<string, string> }>('/repos/:owner/:repo/commits', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    await nonEmptyRefs(repository, world);
    const directory = world.gitDirectory(repository);
    const start = await resolveCommit(directory, request.query['sha'] ?? repository.defaultBranch);
    if (!start) throw new GitHubError(404, 'Not Found');
    const path = request.query['path'] ? ['--', request.query['path']] : [];
    const { page, size } = pageOf(request);
    const total = Number(await gitText(['rev-list', '--count', start, ...path], { cwd: directory }));
    paginate(Array.from({ length: total }), request, reply, world);
    const window = [`--skip=${(page - 1) * size}`, `--max-count=${size}`];
    const commits = await readCommits(directory, [...window, start, ...path]);
    return commits.map((commit) => restCommit(commit, repository, world));
  });

  app.get<RefPlace>('/repos/:owner/:repo/commits/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    await nonEmptyRefs(repository, world);
    const revision = request.params['*'];
    const directory = world.gitDirectory(repository);
    const sha = await resolveCommit(directory, revision);
    const commit = sha ? (await readCommits(directory, ['-1', sha]))[0] : undefined;
    if (!commit) throw new GitHubError(422, `No commit found for SHA: ${revision}`);
    return restCommit(commit, repository, world);
  });
}

async function nonEmptyRefs(repository: Repository, world: World): Promise<Map<string, string>> {
  const refs = await world.refs(repository);
  if (refs.size === 0) throw new GitHubError(409, 'Git Repository is empty.');
  return refs;
}

async function refView(
  repository: Repository,
  ref: string,
  sha: string,
  world: World,
): Promise<components['schemas']['git-ref']> {
  const api = `${world.apiUrl}/repos/${fullName(repository)}/git`;
  const type = await gitText(['cat-file', '-t', sha], { cwd: world.gitDirectory(repository) });
  return {
    ref,
    node_id: nodeId('REF', `${repository.id}:${ref}`),
    url: `${api}/${ref}`,
    object: { sha, type, url: `${api}/${type}s/${sha}` },
  };
}
