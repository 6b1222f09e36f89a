import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { without } from '../core/without.js';
import type { Access } from './access.js';
import { ArgoError, flag, parseMessage } from './errors.js';
import type { ConnectionState, CredentialTemplate, RegisteredRepository, Repositories } from './repositories.js';
import { subjectOf } from './session.js';

interface Place {
  Params: { repo: string };
  Querystring: { appProject?: string; upsert?: string; forceRefresh?: string };
}

interface RepositoryParts {
  repositories: Repositories;
  access: Access;
}

export function repositoryRoutes(app: FastifyInstance, { repositories, access }: RepositoryParts): void {
  // Lists show the tests that were made; only asking for one repository makes one.
  app.get('/api/v1/repositories', (request) => {
    const seen = repositories.list().filter((item) => access.allows(subjectOf(request), 'repositories', 'get', objectOf(item)));
    return { metadata: {}, items: seen.map((item) => viewOf(item, repositories.lastConnectionState(item), repositories)) };
  });

  app.post<Place>('/api/v1/repositories', async (request) => {
    const asked = parseMessage('Repository', Registration, request);
    if (asked.repo === '') throw new ArgoError('InvalidArgument', 'repository URL is required');
    if (asked.type !== 'git') {
      throw new ArgoError('Unimplemented', `The sandbox's Argo CD takes no repositories of type ${asked.type}.`);
    }
    access.enforce(subjectOf(request), 'repositories', 'create', objectOf(asked));
    const upsert = flag(request.query.upsert);
    if (upsert) access.enforce(subjectOf(request), 'repositories', 'update', objectOf(asked));
    const registered = await repositories.register(asked, upsert);
    return { repo: registered.repo, type: registered.type, ...(registered.name && { name: registered.name }) };
  });

  app.get<Place>('/api/v1/repositories/:repo', async (request) => {
    const repository = requireRepository(repositories, request.params.repo, request.query.appProject);
    if (!access.allows(subjectOf(request), 'repositories', 'get', objectOf(repository))) throw permissionDenied();
    return viewOf(repository, await repositories.connectionState(repository), repositories);
  });

  app.delete<Place>('/api/v1/repositories/:repo', (request) => {
    const repository = requireRepository(repositories, request.params.repo, request.query.appProject);
    access.enforce(subjectOf(request), 'repositories', 'delete', objectOf(repository));
    repositories.remove(repository);
    return {};
  });

  app.get('/api/v1/repocreds', (request) => {
    const seen = repositories.templates().filter(({ url }) => access.allows(subjectOf(request), 'repositories', 'get', url));
    return { metadata: {}, items: seen.map(templateView) };
  });

  app.post<Place>('/api/v1/repocreds', (request) => {
    const template = parseMessage('RepoCreds', Template, request);
    access.enforce(subjectOf(request), 'repositories', 'create', template.url);
    repositories.setTemplate(template);
    return templateView(template);
  });

  app.delete<{ Params: { url: string } }>('/api/v1/repocreds/:url', (request) => {
    const { url } = request.params;
    access.enforce(subjectOf(request), 'repositories', 'delete', url);
    if (!repositories.removeTemplate(url)) throw new ArgoError('NotFound', `repocreds '${url}' not found`);
    return {};
  });
}

const CREDENTIAL_FIELDS = {
  username: z.string().optional(),
  password: z.string().optional(),
  githubAppID: z.int().optional(),
  githubAppInstallationID: z.int().optional(),
  githubAppPrivateKey: z.string().optional(),
  githubAppEnterpriseBaseUrl: z.string().optional(),
};

const Registration = z.object({
  repo: z.string().default(''),
  type: z
    .string()
    .default('git')
    .transform((type) => type || 'git'),
  name: z.string().optional(),
  ...CREDENTIAL_FIELDS,
  project: z.string().optional(),
  insecure: z.boolean().optional(),
});

const Template = z.object({
  url: z.string().min(1),
  type: z.string().default('git'),
  ...CREDENTIAL_FIELDS,
});

/** Argo CD does not say whether the repository is absent or only hidden. */
function requireRepository(repositories: Repositories, url: string, project = ''): RegisteredRepository {
  const found = repositories.find(url);
  if (found.length === 0) throw permissionDenied();
  if (found.length === 1 && project === '') return found[0]!;
  const mine = found.find((repository) => (repository.project ?? '') === project);
  if (!mine) throw new ArgoError('Unknown', `repository not found for url "${url}" and project "${project}"`);
  return mine;
}

function permissionDenied(): ArgoError {
  return new ArgoError('PermissionDenied', 'permission denied');
}

/** As policies name it: within its project where it has one. */
function objectOf({ repo, project }: { repo: string; project?: string | undefined }): string {
  return project ? `${project}/${repo}` : repo;
}

/** Without what is secret, whoever asks. */
function viewOf(registered: RegisteredRepository, connectionState: ConnectionState | undefined, repositories: Repositories) {
  const inherits = repositories.inherits(registered);
  return { ...without(registered, 'password', 'githubAppPrivateKey'), ...(inherits && { inheritedCreds: true }), connectionState };
}

function templateView(template: CredentialTemplate) {
  return without(template, 'password', 'githubAppPrivateKey');
}
