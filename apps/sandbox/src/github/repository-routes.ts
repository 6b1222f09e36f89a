import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { assertWritable, GitHubError, parseBody } from './errors.js';
import { type Generation, generateRepository } from './generate-repository.js';
import type { CustomProperties } from './property-routes.js';
import { fullRepository, minimalRepository } from './repository-view.js';
import type { RepositoryPlace } from './rest.js';
import { Transfer, transferRepository } from './transfer-repository.js';
import { RepositoryChange, updateRepository } from './update-repository.js';
import type { Webhooks } from './webhooks.js';
import type { World } from './world.js';

export function repositoryRoutes(app: FastifyInstance, world: World, webhooks: Webhooks, properties: CustomProperties): void {
  app.get<RepositoryPlace>('/repos/:owner/:repo', (request) => {
    return fullRepository(world.requireRepository(request.params.owner, request.params.repo), world);
  });

  // Where a rename's redirect leads.
  app.get<{ Params: { id: string } }>('/repositories/:id', (request) => {
    const repository = world.repositoryById(Number(request.params.id));
    if (!repository) throw new GitHubError(404, 'Not Found');
    return fullRepository(repository, world);
  });

  app.patch<RepositoryPlace>('/repos/:owner/:repo', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const changed = await updateRepository(repository, parseBody(RepositoryChange, request.body), world, webhooks);
    return fullRepository(changed, world);
  });

  app.delete<RepositoryPlace>('/repos/:owner/:repo', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    webhooks.send(repository, 'repository', { action: 'deleted' });
    await world.deleteRepository(repository);
    return reply.code(204).send();
  });

  app.post<RepositoryPlace>('/repos/:owner/:repo/transfer', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const transferred = transferRepository(repository, parseBody(Transfer, request.body), world, webhooks);
    return reply.code(202).send(minimalRepository(transferred, world));
  });

  app.post<RepositoryPlace & { Body: Generation }>('/repos/:owner/:repo/generate', async (request, reply) => {
    const template = world.requireRepository(request.params.owner, request.params.repo);
    const repository = await generateRepository(template, request.body, world, properties);
    webhooks.send(repository, 'repository', { action: 'created' });
    const view = fullRepository(repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.get<RepositoryPlace>('/repos/:owner/:repo/topics', (request) => {
    return { names: world.requireRepository(request.params.owner, request.params.repo).topics };
  });

  app.put<RepositoryPlace>('/repos/:owner/:repo/topics', (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    assertWritable(repository);
    const { names } = parseBody(Topics, request.body);
    const topics = [...new Set(names.map((name) => name.toLowerCase()))];
    const wrong = topics.find((topic) => !/^[a-z0-9][a-z0-9-]{0,49}$/.test(topic));
    if (wrong !== undefined || topics.length > 20) {
      throw new GitHubError(422, 'Validation Failed', [{ resource: 'Repository', code: 'invalid', field: 'topics' }]);
    }
    world.saveRepository({ ...repository, topics, updatedAt: world.timestamp() });
    return { names: topics };
  });
}

const Topics = z.object({ names: z.array(z.string()) });
