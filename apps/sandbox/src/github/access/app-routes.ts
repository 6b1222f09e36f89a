import type { FastifyInstance } from 'fastify';
import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import { GitHubError } from '../errors.js';
import { minimalRepository } from '../repository-view.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import { appView } from './app-view.js';
import { credentialOf } from './authenticate.js';
import type { GitHubApp } from './github-app.js';
import type { Permissions } from './principal.js';

type Schemas = components['schemas'];

/** The app as itself, its one installation, and the tokens of that. */
export function appRoutes(app: FastifyInstance, world: World, githubApp: GitHubApp): void {
  app.get('/app', () => appView(world, githubApp));
  app.get('/app/installations', (request, reply) => paginate([installationView(world, githubApp)], request, reply, world));
  app.get<{ Params: { id: string } }>('/app/installations/:id', (request) => {
    requireInstallation(request.params.id, githubApp);
    return installationView(world, githubApp);
  });
  app.get<{ Params: { org: string } }>('/orgs/:org/installation', (request) => {
    world.requireOrganization(request.params.org);
    return installationView(world, githubApp);
  });
  app.get<RepositoryPlace>('/repos/:owner/:repo/installation', (request) => {
    world.requireRepository(request.params.owner, request.params.repo);
    return installationView(world, githubApp);
  });

  app.post<{ Params: { id: string }; Body: TokenRequest | undefined }>('/app/installations/:id/access_tokens', (request, reply) => {
    requireInstallation(request.params.id, githubApp);
    return reply.code(201).send(issueToken(request.body ?? {}, world, githubApp));
  });

  for (const [method, suspended] of [['PUT', true], ['DELETE', false]] as const) {
    app.route<{ Params: { id: string } }>({
      method,
      url: '/app/installations/:id/suspended',
      handler(request, reply) {
        requireInstallation(request.params.id, githubApp);
        githubApp.suspend(suspended);
        return reply.code(204).send();
      },
    });
  }

  app.get('/installation/repositories', (request, reply) => {
    const { principal } = request;
    if (principal.kind !== 'installation') {
      throw new GitHubError(403, 'You must authenticate with an installation access token in order to list repositories for an installation.');
    }
    const all = world.repositories().filter(({ id }) => principal.repositoryIds?.includes(id) ?? true);
    const repositories = paginate(all, request, reply, world).map((repository) => minimalRepository(repository, world));
    return { total_count: all.length, repository_selection: principal.repositoryIds ? 'selected' : 'all', repositories };
  });

  app.delete('/installation/token', (request, reply) => {
    githubApp.revokeToken(credentialOf(request) ?? '');
    return reply.code(204).send();
  });
}

interface TokenRequest {
  repositories?: string[];
  repository_ids?: number[];
  permissions?: Permissions;
}

function issueToken(asked: TokenRequest, world: World, githubApp: GitHubApp) {
  const { repositories: names, repository_ids: ids, permissions } = asked;
  // A name that is none gives an id that is none, and with it GitHub's refusal.
  const named = names?.map((name) => world.findRepository(world.organization.login, name)?.id ?? 0);
  const repositoryIds = ids || named ? [...(ids ?? []), ...(named ?? [])] : undefined;
  const issued = githubApp.issueToken({ ...(permissions && { permissions }), ...(repositoryIds && { repositoryIds }) });
  return {
    token: issued.token,
    expires_at: new Date(issued.expiresAt).toISOString().replace('.000Z', 'Z'),
    permissions: issued.permissions,
    repository_selection: issued.repositoryIds ? 'selected' : 'all',
    ...(issued.repositoryIds && {
      repositories: issued.repositoryIds.flatMap((id) => world.repositoryById(id) ?? []).map((one) => minimalRepository(one, world)),
    }),
  };
}

function requireInstallation(id: string, githubApp: GitHubApp): void {
  if (id !== String(githubApp.installationId)) throw new GitHubError(404, 'Not Found');
}

function installationView(world: World, githubApp: GitHubApp) {
  const api = `${world.apiUrl}/app/installations/${githubApp.installationId}`;
  return {
    id: githubApp.installationId,
    account: simpleUser(world.organization, world),
    repository_selection: 'all' as const,
    access_tokens_url: `${api}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/organizations/${world.organization.login}/settings/installations/${githubApp.installationId}`,
    app_id: githubApp.id,
    client_id: githubApp.clientId,
    app_slug: githubApp.slug,
    target_id: world.organization.id,
    target_type: 'Organization',
    permissions: githubApp.permissions as Schemas['app-permissions'],
    events: [],
    created_at: world.organization.createdAt,
    updated_at: world.organization.createdAt,
    single_file_name: null,
    suspended_by: githubApp.suspendedAt ? simpleUser(world.viewer, world) : null,
    suspended_at: githubApp.suspendedAt,
  } satisfies Schemas['installation'];
}
