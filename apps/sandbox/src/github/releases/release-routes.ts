import type { FastifyInstance } from 'fastify';
import { assertWritable, GitHubError } from '../errors.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import { releaseView } from './release-view.js';
import type { NewRelease, Release, Releases } from './releases.js';

interface ReleasePlace {
  Params: RepositoryPlace['Params'] & { id: string };
}

export function releaseRoutes(app: FastifyInstance, world: World, releases: Releases): void {
  const repositoryOf = ({ owner, repo }: RepositoryPlace['Params']) => world.requireRepository(owner, repo);
  const requireRelease = ({ id, ...place }: ReleasePlace['Params']): Release => {
    const found = releases.list(repositoryOf(place)).find((release) => String(release.id) === id);
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  };

  app.get<RepositoryPlace>('/repos/:owner/:repo/releases', (request, reply) => {
    const repository = repositoryOf(request.params);
    return paginate(releases.list(repository), request, reply, world).map((release) => releaseView(release, repository, world));
  });

  app.post<RepositoryPlace & { Body: NewRelease }>('/repos/:owner/:repo/releases', async (request, reply) => {
    const repository = repositoryOf(request.params);
    assertWritable(repository);
    const view = releaseView(await releases.create(repository, request.body), repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.get<RepositoryPlace>('/repos/:owner/:repo/releases/latest', (request) => {
    const repository = repositoryOf(request.params);
    const latest = releases.latest(repository);
    if (!latest) throw new GitHubError(404, 'Not Found');
    return releaseView(latest, repository, world);
  });

  app.get<ReleasePlace>('/repos/:owner/:repo/releases/:id', (request) => {
    return releaseView(requireRelease(request.params), repositoryOf(request.params), world);
  });

  app.delete<ReleasePlace>('/repos/:owner/:repo/releases/:id', (request, reply) => {
    const repository = repositoryOf(request.params);
    assertWritable(repository);
    releases.remove(repository, requireRelease(request.params));
    return reply.code(204).send();
  });
}
