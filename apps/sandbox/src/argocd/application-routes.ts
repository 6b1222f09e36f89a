import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Application, CASCADE_FINALIZER, IncomingApplication, Spec } from './application.js';
import type { Applications } from './applications.js';
import type { Controller } from './controller.js';
import { ArgoError, parseMessage } from './errors.js';
import type { GitRemotes } from './git-remote.js';
import type { Repositories } from './repositories.js';
import type { TargetStates } from './target-state.js';
import { isSameApplication, normalize, validateApplication } from './validate-application.js';

export interface ApplicationPlace {
  Params: { name: string };
  Querystring: Record<string, string | undefined>;
}

export interface ApplicationParts {
  applications: Applications;
  repositories: Repositories;
  remotes: GitRemotes;
  targets: TargetStates;
  controller: Controller;
}

export function applicationRoutes(app: FastifyInstance, parts: ApplicationParts): void {
  const { applications, controller } = parts;

  app.get<ApplicationPlace>('/api/v1/applications', (request) => {
    const items = applications.list().filter((application) => isListed(application, request.query));
    return { metadata: { resourceVersion: applications.version() }, items: items.length > 0 ? items : null };
  });

  app.post<ApplicationPlace>('/api/v1/applications', async (request) => {
    const asked = normalize(parseMessage(IncomingApplication, request.body));
    if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(asked.metadata.name)) {
      throw new ArgoError('InvalidArgument', `application.metadata.name "${asked.metadata.name}" is not a valid resource name`);
    }
    if (request.query['validate'] !== 'false') await validateApplication(asked, parts);
    return createApplication(asked, request.query['upsert'] === 'true', parts);
  });

  app.get<ApplicationPlace>('/api/v1/applications/:name', async (request) => {
    const { refresh, project } = request.query;
    const application = requireApplication(applications, request.params.name, project);
    if (refresh !== 'normal' && refresh !== 'hard') return application;
    await controller.refresh(request.params.name, refresh === 'hard');
    return requireApplication(applications, request.params.name, project);
  });

  app.put<ApplicationPlace>('/api/v1/applications/:name', async (request) => {
    requireApplication(applications, request.params.name, request.query['project']);
    const asked = normalize(parseMessage(IncomingApplication, request.body));
    if (request.query['validate'] !== 'false') await validateApplication(asked, parts);
    return replaceApplication(request.params.name, asked, parts);
  });

  app.put<ApplicationPlace>('/api/v1/applications/:name/spec', async (request) => {
    const { metadata } = requireApplication(applications, request.params.name, request.query['project']);
    const asked = normalize({ metadata, spec: parseMessage(Spec, request.body) });
    if (request.query['validate'] !== 'false') await validateApplication(asked, parts);
    return replaceApplication(request.params.name, asked, parts).spec;
  });

  app.patch<ApplicationPlace>('/api/v1/applications/:name', async (request) => {
    const { patch, patchType, project } = parseMessage(Patch, request.body);
    const application = requireApplication(applications, request.params.name, project);
    if (patchType !== 'merge') throw new ArgoError('Unimplemented', "The sandbox's Argo CD takes patches of type merge only.");
    const { metadata, spec } = application;
    const asked = normalize(parseMessage(IncomingApplication, mergePatch({ metadata, spec }, parsePatch(patch))));
    await validateApplication(asked, parts);
    return replaceApplication(request.params.name, asked, parts);
  });

  app.delete<ApplicationPlace>('/api/v1/applications/:name', (request) => {
    const { project, cascade, propagationPolicy } = request.query;
    requireApplication(applications, request.params.name, project);
    markForDeletion(request.params.name, cascade !== 'false', propagationPolicy, applications);
    controller.compareSoon(request.params.name, 'recent');
    return {};
  });
}

/**
 * Without a project, what is absent and what is forbidden look the same, so that names cannot be guessed.
 * @throws ArgoError PermissionDenied, or NotFound where the project was named.
 */
export function requireApplication(applications: Applications, name: string, project: string | undefined): Application {
  const application = applications.get(name);
  if (application && (!project || application.spec.project === project)) return application;
  if (!project) throw new ArgoError('PermissionDenied', 'permission denied');
  throw new ArgoError('NotFound', `applications.argoproj.io "${name}" not found`);
}

function createApplication(asked: IncomingApplication, upsert: boolean, parts: ApplicationParts): Application {
  const existing = parts.applications.get(asked.metadata.name);
  if (!existing) {
    const created = parts.applications.add(asked);
    parts.controller.compareSoon(created.metadata.name, 'latest');
    return created;
  }
  if (isSameApplication(existing, asked)) return existing;
  if (!upsert) {
    throw new ArgoError('InvalidArgument', 'existing application spec is different, use upsert flag to force update');
  }
  return replaceApplication(asked.metadata.name, asked, parts);
}

function replaceApplication(name: string, asked: IncomingApplication, parts: ApplicationParts): Application {
  const { applications, controller } = parts;
  const changed = applications.update(name, (application) => {
    application.spec = asked.spec;
    const { labels, annotations, finalizers } = asked.metadata;
    Object.assign(application.metadata, { labels, annotations, finalizers });
  });
  if (!changed) throw new ArgoError('NotFound', `applications.argoproj.io "${name}" not found`);
  controller.compareSoon(name, 'latest');
  return changed;
}

function markForDeletion(name: string, cascade: boolean, policy: string | undefined, applications: Applications): void {
  applications.update(name, ({ metadata }) => {
    if (metadata.deletionTimestamp) return;
    const others = (metadata.finalizers ?? []).filter((finalizer) => !finalizer.startsWith(CASCADE_FINALIZER));
    const finalizer = policy === 'background' ? `${CASCADE_FINALIZER}/background` : CASCADE_FINALIZER;
    metadata.finalizers = cascade ? [...others, finalizer] : others;
    metadata.deletionTimestamp = applications.timestamp();
    metadata.deletionGracePeriodSeconds = 0;
  });
}

function isListed({ metadata, spec }: Application, query: ApplicationPlace['Querystring']): boolean {
  if (query['name'] && metadata.name !== query['name']) return false;
  const project = query['projects'] ?? query['project'];
  if (project && spec.project !== project) return false;
  if (query['repo'] && spec.source?.repoURL !== query['repo']) return false;
  return (query['selector'] ?? '').split(',').filter(Boolean).every((term) => matchesTerm(metadata.labels ?? {}, term));
}

/** One term of a label selector: key=value, key!=value or key. */
function matchesTerm(labels: Record<string, string>, term: string): boolean {
  const match = /^\s*([^=!\s]+)\s*(?:(!=|==?)\s*(\S*))?\s*$/.exec(term);
  if (!match) throw new ArgoError('InvalidArgument', `unable to parse requirement: ${term}`);
  const [, key = '', operator, value] = match;
  if (operator === undefined) return key in labels;
  return (labels[key] === value) === (operator !== '!=');
}

const Patch = z.object({
  patch: z.string().default('{}'),
  patchType: z.string().default('json'),
  project: z.string().optional(),
});

function parsePatch(patch: string): unknown {
  try {
    return JSON.parse(patch);
  } catch (error) {
    throw new ArgoError('InvalidArgument', (error as Error).message);
  }
}

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
