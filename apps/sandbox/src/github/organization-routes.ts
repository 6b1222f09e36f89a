import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fullOrganization, publicUser } from './account-view.js';
import { createRepository, NewRepository } from './create-repository.js';
import { GitHubError, parseBody } from './errors.js';
import type { Repository } from './model.js';
import type { CustomProperties } from './property-routes.js';
import { fullName, fullRepository, minimalRepository } from './repository-view.js';
import { paginate } from './rest.js';
import type { Webhooks } from './webhooks.js';
import type { World } from './world.js';

interface OrganizationPlace {
  Params: { org: string };
}

export function organizationRoutes(app: FastifyInstance, world: World, webhooks: Webhooks, properties: CustomProperties): void {
  app.get('/user', () => publicUser(world.viewer, world));

  app.get<{ Params: { username: string } }>('/users/:username', (request) => {
    const { username } = request.params;
    const account = username.toLowerCase() === world.viewer.login ? world.viewer : world.organizationNamed(username);
    if (!account) throw new GitHubError(404, 'Not Found');
    return publicUser(account, world);
  });

  app.get<OrganizationPlace>('/orgs/:org', (request) => fullOrganization(world.requireOrganization(request.params.org), world));

  app.get<OrganizationPlace>('/orgs/:org/repos', (request, reply) => {
    world.requireOrganization(request.params.org);
    const query = ListQuery.parse(request.query);
    const own = world.repositories().filter(({ owner }) => owner === world.organization.login);
    const repositories = own.filter((repository) => isOfType(repository, query.type));
    repositories.sort((a, b) => compare(a, b, query.sort));
    if ((query.direction ?? (query.sort === 'full_name' ? 'asc' : 'desc')) === 'desc') repositories.reverse();
    return paginate(repositories, request, reply, world).map((repository) => minimalRepository(repository, world));
  });

  app.post<OrganizationPlace>('/orgs/:org/repos', async (request, reply) => {
    world.requireOrganization(request.params.org);
    const repository = await createRepository(parseBody(NewRepository, request.body), world, properties);
    webhooks.send(repository, 'repository', { action: 'created' });
    const view = fullRepository(repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });
}

const ListQuery = z.object({
  type: z.string().default('all'),
  sort: z.enum(['created', 'updated', 'pushed', 'full_name']).catch('created').default('created'),
  direction: z.enum(['asc', 'desc']).optional().catch(undefined),
});

function isOfType(repository: Repository, type: string): boolean {
  if (type === 'public' || type === 'private' || type === 'internal') return repository.visibility === type;
  return type !== 'forks';
}

function compare(a: Repository, b: Repository, sort: z.infer<typeof ListQuery>['sort']): number {
  switch (sort) {
    case 'full_name':
      return fullName(a) < fullName(b) ? -1 : 1;
    case 'created':
      return a.id - b.id;
    case 'updated':
      return a.updatedAt.localeCompare(b.updatedAt) || a.id - b.id;
    case 'pushed':
      return a.pushedAt.localeCompare(b.pushedAt) || a.id - b.id;
  }
}
