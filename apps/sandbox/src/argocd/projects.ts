import type { FastifyInstance } from 'fastify';
import { ArgoError } from './errors.js';
import { NAMESPACE } from './applications.js';

/** The one project there is, as Argo CD installs it: everything is allowed in it. */
export const PROJECT = 'default';

export function projectRoutes(app: FastifyInstance): void {
  app.get('/api/v1/projects', () => ({ metadata: {}, items: [project()] }));

  app.get<{ Params: { name: string } }>('/api/v1/projects/:name', (request) => {
    if (request.params.name === PROJECT) return project();
    throw new ArgoError('NotFound', `appprojects.argoproj.io "${request.params.name}" not found`);
  });
}

function project(): object {
  return {
    metadata: { name: PROJECT, namespace: NAMESPACE },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
    status: {},
  };
}
