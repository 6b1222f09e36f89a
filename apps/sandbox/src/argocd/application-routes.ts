import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Application, CASCADE_FINALIZER, IncomingApplication, isCascade, Spec } from './application.js';
import type { Access } from './access.js';
import { applicationNotFound, type ApplicationPlace, requireApplication } from './application-access.js';
import type { Applications } from './applications.js';
import type { Controller } from './controller.js';
import { ArgoError, flag, parseMessage } from './errors.js';
import type { GitRemotes } from './git-remote.js';
import { patched } from './patch-application.js';
import type { Projects } from './projects.js';
import type { Repositories } from './repositories.js';
import { subjectOf } from './session.js';
import type { TargetStates } from './target-state.js';
import { isSameApplication, normalize, validateApplication } from './validate-application.js';

export interface ApplicationParts {
  applications: Applications;
  access: Access;
  projects: Projects;
  repositories: Repositories;
  remotes: GitRemotes;
  targets: TargetStates;
  controller: Controller;
}

export function applicationRoutes(app: FastifyInstance, parts: ApplicationParts): void {
  const { applications, controller, access } = parts;

  app.get<ApplicationPlace>('/api/v1/applications', (request) => {
    const subject = subjectOf(request);
    const items = applications
      .list()
      .filter(({ metadata, spec }) => access.allows(subject, 'applications', 'get', `${spec.project}/${metadata.name}`))
      .filter((application) => isListed(application, request.query));
    return { metadata: { resourceVersion: applications.version() }, items: items.length > 0 ? items : null };
  });

  app.post<ApplicationPlace>('/api/v1/applications', async (request) => {
    const asked = normalize(parseMessage('Application', IncomingApplication, request));
    access.enforce(subjectOf(request), 'applications', 'create', `${asked.spec.project}/${asked.metadata.name}`);
    if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(asked.metadata.name)) {
      throw new ArgoError('InvalidArgument', `application.metadata.name "${asked.metadata.name}" is not a valid resource name`);
    }
    const upsert = flag(request.query['upsert']);
    await validateApplication(asked, flag(request.query['validate'], true), parts);
    return createApplication(request, asked, upsert, parts);
  });

  app.get<ApplicationPlace>('/api/v1/applications/:name', async (request) => {
    const { refresh, project } = request.query;
    const application = requireApplication(parts, request, 'get', project);
    if (refresh !== 'normal' && refresh !== 'hard') return application;
    await controller.refresh(request.params.name, refresh === 'hard');
    return requireApplication(parts, request, 'get', project);
  });

  app.put<ApplicationPlace>('/api/v1/applications/:name', async (request) => {
    const asked = normalize(parseMessage('Application', IncomingApplication, request));
    return change(request, asked, request.query['project'], parts);
  });

  app.put<ApplicationPlace>('/api/v1/applications/:name/spec', async (request) => {
    const { project } = request.query;
    const { metadata } = requireApplication(parts, request, 'update', project);
    const asked = normalize({ metadata, spec: parseMessage('ApplicationSpec', Spec, request) });
    return (await change(request, asked, project, parts)).spec;
  });

  app.patch<ApplicationPlace>('/api/v1/applications/:name', async (request) => {
    const { patch, patchType, project } = parseMessage('ApplicationPatchRequest', Patch, request);
    const { metadata, spec } = requireApplication(parts, request, 'update', project);
    const { name, namespace, labels, annotations, finalizers } = metadata;
    const before = { metadata: { name, namespace, labels, annotations, finalizers }, spec };
    const parsed = IncomingApplication.safeParse(patched(before, patchType, patch));
    if (!parsed.success) throw new ArgoError('InvalidArgument', `the patch makes no application: ${parsed.error.issues[0]?.message}`);
    return change(request, normalize(parsed.data), project, parts);
  });

  app.delete<ApplicationPlace>('/api/v1/applications/:name', (request) => {
    const { project, propagationPolicy } = request.query;
    const cascade = flag(request.query['cascade'], true);
    requireApplication(parts, request, 'delete', project);
    markForDeletion(request.params.name, cascade, propagationPolicy ?? '', applications);
    controller.compareSoon(request.params.name, 'recent');
    return {};
  });
}

function createApplication(
  request: FastifyRequest,
  asked: IncomingApplication,
  upsert: boolean,
  parts: ApplicationParts,
): Application {
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
  parts.access.enforce(subjectOf(request), 'applications', 'update', `${asked.spec.project}/${asked.metadata.name}`);
  return replaceApplication(asked.metadata.name, asked, parts);
}

/** An application that changes its project needs the rights in both. */
async function change(
  request: FastifyRequest<ApplicationPlace>,
  asked: IncomingApplication,
  project: string | undefined,
  parts: ApplicationParts,
): Promise<Application> {
  const { spec } = requireApplication(parts, request, 'update', project);
  const { name } = request.params;
  if (spec.project !== asked.spec.project) {
    const subject = subjectOf(request);
    for (const action of ['create', 'update'] as const) {
      parts.access.enforce(subject, 'applications', action, `${asked.spec.project}/${name}`);
    }
  }
  await validateApplication(asked, flag(request.query['validate'], true), parts);
  return replaceApplication(name, asked, parts);
}

function replaceApplication(name: string, asked: IncomingApplication, parts: ApplicationParts): Application {
  const { applications, controller } = parts;
  const changed = applications.update(name, (application) => {
    application.spec = asked.spec;
    const { labels, annotations, finalizers } = asked.metadata;
    Object.assign(application.metadata, { labels, annotations, finalizers });
  });
  if (!changed) throw applicationNotFound(name);
  controller.compareSoon(name, 'latest');
  return changed;
}

const POLICY_FINALIZERS: Record<string, string> = {
  '': CASCADE_FINALIZER,
  foreground: `${CASCADE_FINALIZER}/foreground`,
  background: `${CASCADE_FINALIZER}/background`,
};

function markForDeletion(name: string, cascade: boolean, policy: string, applications: Applications): void {
  const finalizer = POLICY_FINALIZERS[policy];
  if (!cascade && policy !== '') {
    throw new ArgoError('InvalidArgument', 'cannot set propagation policy when cascading is disabled');
  }
  if (!finalizer) throw new ArgoError('InvalidArgument', `invalid propagation policy: ${policy}`);
  applications.update(name, ({ metadata }) => {
    if (metadata.deletionTimestamp) return;
    const others = (metadata.finalizers ?? []).filter((kept) => !isCascade(kept));
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
  name: z.string().optional(),
  patch: z.string().default('{}'),
  patchType: z.string().default(''),
  project: z.string().optional(),
});
