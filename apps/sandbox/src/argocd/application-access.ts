import type { FastifyRequest } from 'fastify';
import type { Access, Action } from './access.js';
import type { Application } from './application.js';
import type { Applications } from './applications.js';
import { ArgoError } from './errors.js';
import { subjectOf } from './session.js';

export interface ApplicationPlace {
  Params: { name: string };
  Querystring: Record<string, string | undefined>;
}

/**
 * The application, for someone who may do this to it. Without a project, what is absent and what is forbidden look the same, so
 * that names cannot be guessed; with one, those who may act in that project learn what is not in it.
 *
 * @throws ArgoError PermissionDenied or NotFound
 */
export function requireApplication(
  { applications, access }: { applications: Applications; access: Access },
  request: FastifyRequest<ApplicationPlace>,
  action: Action,
  project: string | undefined,
): Application {
  const { name } = request.params;
  const may = (inProject: string) => access.allows(subjectOf(request), 'applications', action, `${inProject}/${name}`);
  if (project && !may(project)) throw permissionDenied();
  const application = applications.get(name);
  if (application && may(application.spec.project) && (!project || application.spec.project === project)) return application;
  throw project ? applicationNotFound(name) : permissionDenied();
}

export function applicationNotFound(name: string): ArgoError {
  return new ArgoError('NotFound', `applications.argoproj.io "${name}" not found`);
}

function permissionDenied(): ArgoError {
  return new ArgoError('PermissionDenied', 'permission denied');
}
