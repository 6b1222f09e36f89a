import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access } from './access.js';
import type { Applications } from './applications.js';
import { ArgoError, parseMessage } from './errors.js';
import { DEFAULT_PROJECT, IncomingProject, type Project, tokensOf } from './project.js';
import { isDestinationPermitted, isSourcePermitted } from './project-restrictions.js';
import type { Projects } from './projects.js';
import type { Repositories } from './repositories.js';
import { type Sessions, subjectOf } from './session.js';
import { canonical } from './validate-application.js';
import { validateProject } from './validate-project.js';

interface ProjectParts {
  projects: Projects;
  applications: Applications;
  repositories: Repositories;
  sessions: Sessions;
  access: Access;
}

interface Place {
  Params: { name: string };
}
interface TokenPlace {
  Params: { name: string; role: string; iat: string };
  Querystring: { id?: string };
}

const CreateRequest = z.object({ project: IncomingProject.optional(), upsert: z.boolean().optional() });
const UpdateRequest = z.object({ project: IncomingProject.optional() });
const TokenRequest = z.object({ expiresIn: z.int().default(0), id: z.string().default(''), description: z.string().optional() });

export function projectRoutes(app: FastifyInstance, parts: ProjectParts): void {
  const { projects, applications, access } = parts;

  app.get('/api/v1/projects', (request) => {
    const subject = subjectOf(request);
    return { metadata: {}, items: projects.list().filter(({ metadata }) => access.allows(subject, 'projects', 'get', metadata.name)) };
  });

  app.post('/api/v1/projects', (request) => {
    const { project: asked, upsert } = parseMessage('ProjectCreateRequest', CreateRequest, request);
    if (!asked) throw new ArgoError('InvalidArgument', "missing payload 'project' in request");
    access.enforce(subjectOf(request), 'projects', 'create', asked.metadata.name);
    return createProject(request, asked, upsert ?? false, parts);
  });

  app.get<Place>('/api/v1/projects/:name', (request) => requireProject(request, 'get', parts));

  app.put<Place>('/api/v1/projects/:name', (request) => {
    const { project: asked } = parseMessage('ProjectUpdateRequest', UpdateRequest, request);
    if (!asked) throw new ArgoError('InvalidArgument', "missing payload 'project' in request");
    requireProject(request, 'update', parts);
    validateProject(asked);
    requireStillValid(asked, parts);
    return replaceProject(asked, projects);
  });

  app.delete<Place>('/api/v1/projects/:name', (request) => {
    const { name } = request.params;
    if (name === DEFAULT_PROJECT) throw new ArgoError('InvalidArgument', `name '${name}' is reserved and cannot be deleted`);
    requireProject(request, 'delete', parts);
    const using = applications.list().filter(({ spec }) => spec.project === name);
    if (using.length > 0) throw new ArgoError('InvalidArgument', `project is referenced by ${using.length} applications`);
    projects.remove(name);
    return {};
  });

  app.post<TokenPlace>('/api/v1/projects/:name/roles/:role/token', async (request) => {
    const asked = parseMessage('ProjectTokenCreateRequest', TokenRequest, request);
    return { token: await createToken(request, asked, parts) };
  });

  app.delete<TokenPlace>('/api/v1/projects/:name/roles/:role/token/:iat', (request) => {
    const { name, role, iat } = request.params;
    requireProject(request, 'update', parts);
    projects.update(name, (project) => {
      const tokens = tokensOf(project, role);
      const gone = tokens.find(({ id }) => id === request.query.id) ?? tokens.find((token) => String(token.iat) === iat);
      setTokens(project, role, tokens.filter((token) => token !== gone));
    });
    return {};
  });
}

/** @throws ArgoError PermissionDenied to those who may not, whether or not there is one; NotFound to others. */
function requireProject(
  request: FastifyRequest<Place>,
  action: 'get' | 'update' | 'delete',
  { projects, access }: ProjectParts,
): Project {
  const { name } = request.params;
  access.enforce(subjectOf(request), 'projects', action, name);
  const project = projects.get(name);
  if (!project) throw new ArgoError('NotFound', `appprojects.argoproj.io "${name}" not found`);
  return project;
}

function createProject(request: FastifyRequest, asked: IncomingProject, upsert: boolean, { projects, access }: ProjectParts): Project {
  validateProject(asked);
  const { name } = asked.metadata;
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    throw new ArgoError('InvalidArgument', `AppProject.argoproj.io "${name}" is invalid: metadata.name: Invalid value: "${name}"`);
  }
  const existing = projects.get(name);
  if (!existing) return projects.add(asked);
  if (upsert) {
    access.enforce(subjectOf(request), 'projects', 'update', name);
    return replaceProject(asked, projects);
  }
  if (JSON.stringify(canonical(existing.spec)) === JSON.stringify(canonical(asked.spec))) return existing;
  throw new ArgoError('InvalidArgument', 'existing project spec is different; use upsert flag to force update');
}

/** Tokens stay with roles that stay. */
function replaceProject({ metadata, spec }: IncomingProject, projects: Projects): Project {
  return projects.update(metadata.name, (project) => {
    const before = project.status.jwtTokensByRole ?? {};
    const { labels, annotations, finalizers } = metadata;
    project.spec = spec;
    Object.assign(project.metadata, { labels, annotations, finalizers });
    project.status.jwtTokensByRole = {};
    for (const { name } of spec.roles ?? []) if (before[name]) setTokens(project, name, before[name].items ?? []);
  })!;
}

/** @throws ArgoError InvalidArgument where applications of the project would no longer be allowed. */
function requireStillValid(asked: IncomingProject, { projects, applications, repositories }: ProjectParts): void {
  const { name } = asked.metadata;
  const before = projects.get(name)!;
  const after = { ...before, spec: asked.spec };
  const scoped = repositories.scopedTo(name);
  const own = applications.list().filter(({ spec }) => spec.project === name);
  const sources = own.filter(({ spec }) => {
    const url = spec.source?.repoURL ?? '';
    return isSourcePermitted(before, url, scoped) && !isSourcePermitted(after, url, scoped);
  });
  if (sources.length > 0) {
    throw new ArgoError('InvalidArgument', `as a result of project update ${sources.length} applications source became invalid`);
  }
  const destinations = own.filter(({ spec }) => {
    const namespace = spec.destination.namespace ?? '';
    return isDestinationPermitted(before, namespace) && !isDestinationPermitted(after, namespace);
  });
  if (destinations.length > 0) {
    const what = `${destinations.length} applications destination`;
    throw new ArgoError('InvalidArgument', `as a result of project update ${what} became invalid`);
  }
}

async function createToken(
  request: FastifyRequest<TokenPlace>,
  { expiresIn, id: asked }: z.infer<typeof TokenRequest>,
  parts: ProjectParts,
): Promise<string> {
  const { name, role } = request.params;
  const project = parts.projects.get(name);
  if (!project) throw new ArgoError('NotFound', `appprojects.argoproj.io "${name}" not found`);
  if (!(project.spec.roles ?? []).some((candidate) => candidate.name === role)) {
    throw new ArgoError('NotFound', `project '${name}' does not have role '${role}'`);
  }
  parts.access.enforce(subjectOf(request), 'projects', 'update', name);
  if (asked !== '' && tokensOf(project, role).some((token) => token.id === asked)) {
    throw new ArgoError('InvalidArgument', `rpc error: code = InvalidArgument desc = Token id '${asked}' has been used. `);
  }
  const id = asked || randomUUID();
  const { token, iat, exp } = await parts.sessions.sign(`proj:${name}:${role}`, id, expiresIn);
  parts.projects.update(name, (current) => setTokens(current, role, [{ iat, ...(exp && { exp }), id }, ...tokensOf(current, role)]));
  return token;
}

/** They stand in the status and, from older times, in the role as well. */
function setTokens(project: Project, role: string, items: ReturnType<typeof tokensOf>): void {
  project.status.jwtTokensByRole = { ...project.status.jwtTokensByRole, [role]: { items } };
  for (const candidate of project.spec.roles ?? []) if (candidate.name === role) candidate.jwtTokens = items;
}
