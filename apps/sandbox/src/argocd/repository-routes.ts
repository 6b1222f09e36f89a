import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { without } from '../core/without.js';
import { ArgoError, parseMessage } from './errors.js';
import type { ConnectionState, CredentialTemplate, RegisteredRepository, Repositories } from './repositories.js';

interface Place {
  Params: { repo: string };
  Querystring: { appProject?: string; upsert?: string; forceRefresh?: string };
}

export function repositoryRoutes(app: FastifyInstance, repositories: Repositories): void {
  // Lists show the tests that were made; only asking for one repository makes one.
  app.get('/api/v1/repositories', () => ({
    metadata: {},
    items: repositories.list().map((item) => viewOf(item, repositories.lastConnectionState(item), repositories)),
  }));

  app.post<Place>('/api/v1/repositories', async (request) => {
    const asked = parseMessage(Registration, request.body);
    if (asked.repo === '') throw new ArgoError('InvalidArgument', 'repository URL is required');
    if (asked.type !== 'git') {
      throw new ArgoError('Unimplemented', `The sandbox's Argo CD takes no repositories of type ${asked.type}.`);
    }
    const registered = await repositories.register(asked, request.query.upsert === 'true');
    return { repo: registered.repo, type: registered.type, ...(registered.name && { name: registered.name }) };
  });

  app.get<Place>('/api/v1/repositories/:repo', async (request) => {
    const repository = requireRepository(repositories, request.params.repo, request.query.appProject);
    return viewOf(repository, await repositories.connectionState(repository), repositories);
  });

  app.delete<Place>('/api/v1/repositories/:repo', (request) => {
    repositories.remove(requireRepository(repositories, request.params.repo, request.query.appProject));
    return {};
  });

  app.get('/api/v1/repocreds', () => ({ metadata: {}, items: repositories.templates().map(templateView) }));

  app.post<Place>('/api/v1/repocreds', (request) => {
    const template = parseMessage(Template, request.body);
    repositories.setTemplate(template);
    return templateView(template);
  });

  app.delete<{ Params: { url: string } }>('/api/v1/repocreds/:url', (request) => {
    const { url } = request.params;
    if (!repositories.removeTemplate(url)) throw new ArgoError('NotFound', `repocreds '${url}' not found`);
    return {};
  });
}

const Registration = z.object({
  repo: z.string().default(''),
  type: z
    .string()
    .default('git')
    .transform((type) => type || 'git'),
  name: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  project: z.string().optional(),
  insecure: z.boolean().optional(),
});

const Template = z.object({
  url: z.string().min(1),
  type: z.string().default('git'),
  username: z.string().optional(),
  password: z.string().optional(),
});

/** Argo CD does not say whether the repository is absent or only hidden. */
function requireRepository(repositories: Repositories, url: string, project = ''): RegisteredRepository {
  const found = repositories.find(url);
  if (found.length === 0) throw new ArgoError('PermissionDenied', 'permission denied');
  if (found.length === 1 && project === '') return found[0]!;
  const mine = found.find((repository) => (repository.project ?? '') === project);
  if (!mine) throw new ArgoError('Unknown', `repository not found for url "${url}" and project "${project}"`);
  return mine;
}

/** Without the password, whoever asks. */
function viewOf(registered: RegisteredRepository, connectionState: ConnectionState | undefined, repositories: Repositories) {
  const inherits = repositories.inherits(registered);
  return { ...without(registered, 'password'), ...(inherits && { inheritedCreds: true }), connectionState };
}

function templateView(template: CredentialTemplate) {
  return without(template, 'password');
}
