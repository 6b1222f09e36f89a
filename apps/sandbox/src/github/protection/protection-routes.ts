import type { FastifyInstance } from 'fastify';
import { GitHubError, assertWritable } from '../errors.js';
import type { RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import type { BranchProtections, ProtectionRules } from './branch-protections.js';
import { protectionView, signaturesView } from './protection-view.js';

interface BranchPlace {
  Params: RepositoryPlace['Params'] & { branch: string };
}

const BASE = '/repos/:owner/:repo/branches/:branch/protection';

export function protectionRoutes(app: FastifyInstance, world: World, protections: BranchProtections): void {
  const open = async ({ owner, repo, branch }: BranchPlace['Params']) => {
    const repository = world.requireRepository(owner, repo);
    if (!(await world.refs(repository)).has(`refs/heads/${branch}`)) throw new GitHubError(404, 'Branch not found');
    return { repository, branch };
  };
  const writable = async (params: BranchPlace['Params']) => {
    const place = await open(params);
    assertWritable(place.repository);
    return place;
  };

  app.get<BranchPlace>(BASE, async (request) => {
    const { repository, branch } = await open(request.params);
    return protectionView(protections.require(repository, branch), repository, world);
  });

  app.put<BranchPlace & { Body: ProtectionRules }>(BASE, async (request) => {
    const { repository, branch } = await writable(request.params);
    return protectionView(protections.put(repository, branch, request.body), repository, world);
  });

  app.delete<BranchPlace>(BASE, async (request, reply) => {
    const { repository, branch } = await writable(request.params);
    protections.delete(repository, branch);
    return reply.code(204).send();
  });

  app.get<BranchPlace>(`${BASE}/required_signatures`, async (request) => {
    const { repository, branch } = await open(request.params);
    return signaturesView(repository, branch, protections.require(repository, branch).signatures, world);
  });

  app.post<BranchPlace>(`${BASE}/required_signatures`, async (request) => {
    const { repository, branch } = await writable(request.params);
    return signaturesView(repository, branch, protections.setSignatures(repository, branch, true).signatures, world);
  });

  app.delete<BranchPlace>(`${BASE}/required_signatures`, async (request, reply) => {
    const { repository, branch } = await writable(request.params);
    protections.setSignatures(repository, branch, false);
    return reply.code(204).send();
  });
}
