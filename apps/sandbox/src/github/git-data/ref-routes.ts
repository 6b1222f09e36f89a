import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { components } from '@octokit/openapi-types';
import { isAncestor } from '../../git/history.js';
import { deleteRef, isRefName, objectType, updateRef } from '../../git/objects.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import type { BranchProtections } from '../protection/branch-protections.js';
import type { Pushes } from '../pushes.js';
import { fullName } from '../repository-view.js';
import { requireRefs } from '../require-refs.js';
import type { RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';

interface RefPlace {
  Params: RepositoryPlace['Params'] & { '*': string };
}

/** A change of a ref over REST is a push like any other: it sends the same webhooks and starts the same workflows. */
export function refRoutes(app: FastifyInstance, world: World, pushes: Pushes, protections: BranchProtections): void {
  const assertMay = async (repository: Repository, request: FastifyRequest, ref: string, from: string, to: string | null) => {
    const why = await protections.refusal(repository, request.principal, { ref, from, to });
    if (why !== undefined) throw new GitHubError(422, why);
  };

  app.get<RefPlace>('/repos/:owner/:repo/git/ref/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const ref = `refs/${request.params['*']}`;
    const sha = (await requireRefs(repository, world)).get(ref);
    if (!sha) throw new GitHubError(404, 'Not Found');
    return refView(repository, ref, sha, world);
  });

  app.get<RefPlace>('/repos/:owner/:repo/git/matching-refs/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const prefix = `refs/${request.params['*']}`;
    const matching = [...(await requireRefs(repository, world))].filter(([ref]) => ref.startsWith(prefix));
    return Promise.all(matching.map(([ref, sha]) => refView(repository, ref, sha, world)));
  });

  app.post<RepositoryPlace & { Body: { ref: string; sha: string } }>('/repos/:owner/:repo/git/refs', async (request, reply) => {
    const repository = writable(request.params, world);
    const before = await requireRefs(repository, world);
    const { ref, sha } = request.body;
    if (!/^refs\/[^/]+\/./.test(ref)) throw new GitHubError(422, 'Reference name must start with refs/ and have at least two slashes.');
    if (!(await isRefName(ref))) throw new GitHubError(422, `${ref} is not a valid ref name.`);
    if (before.has(ref)) throw new GitHubError(422, 'Reference already exists');
    await requireObject(repository, ref, sha, world);
    await updateRef(world.gitDirectory(repository), ref, sha);
    await pushes.follow(repository, before);
    const view = await refView(repository, ref, sha, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.patch<RefPlace & { Body: { sha: string; force?: boolean } }>('/repos/:owner/:repo/git/refs/*', async (request) => {
    const repository = writable(request.params, world);
    const before = await requireRefs(repository, world);
    const ref = `refs/${request.params['*']}`;
    const old = before.get(ref);
    if (old === undefined) throw new GitHubError(422, 'Reference does not exist');
    const { sha, force = false } = request.body;
    await requireObject(repository, ref, sha, world);
    if (!force && !(await isAncestor(world.gitDirectory(repository), old, sha))) throw new GitHubError(422, 'Update is not a fast forward');
    await assertMay(repository, request, ref, old, sha);
    await updateRef(world.gitDirectory(repository), ref, sha);
    await pushes.follow(repository, before);
    return refView(repository, ref, sha, world);
  });

  app.delete<RefPlace>('/repos/:owner/:repo/git/refs/*', async (request, reply) => {
    const repository = writable(request.params, world);
    const before = await requireRefs(repository, world);
    const ref = `refs/${request.params['*']}`;
    const old = before.get(ref);
    if (old === undefined) throw new GitHubError(422, 'Reference does not exist');
    if (ref === `refs/heads/${repository.defaultBranch}`) throw new GitHubError(422, 'Cannot delete the default branch');
    await assertMay(repository, request, ref, old, null);
    await deleteRef(world.gitDirectory(repository), ref);
    await pushes.follow(repository, before);
    return reply.code(204).send();
  });
}

function writable({ owner, repo }: RepositoryPlace['Params'], world: World): Repository {
  const repository = world.requireRepository(owner, repo);
  assertWritable(repository);
  return repository;
}

async function requireObject(repository: Repository, ref: string, sha: string, world: World): Promise<void> {
  const type = await objectType(world.gitDirectory(repository), sha);
  if (type === undefined) throw new GitHubError(422, 'Object does not exist');
  if (ref.startsWith('refs/heads/') && type !== 'commit') throw new GitHubError(422, 'Reference cannot be updated: a branch names a commit');
}

async function refView(repository: Repository, ref: string, sha: string, world: World): Promise<components['schemas']['git-ref']> {
  const api = `${world.apiUrl}/repos/${fullName(repository)}/git`;
  const type = (await objectType(world.gitDirectory(repository), sha)) ?? 'commit';
  return {
    ref,
    node_id: nodeId('REF', `${repository.id}:${ref}`),
    url: `${api}/${ref}`,
    object: { sha, type, url: `${api}/${type}s/${sha}` },
  };
}
