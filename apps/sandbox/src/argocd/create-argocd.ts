import { join } from 'node:path';
import type { Cluster } from '../cluster.js';
import type { SandboxContext } from '../core/context.js';
import { keptSecret, randomText } from '../core/credentials.js';
import type { StandIn } from '../stand-in.js';
import { Access } from './access.js';
import { applicationRoutes } from './application-routes.js';
import { Applications } from './applications.js';
import { Controller } from './controller.js';
import { handleErrors, requireJsonContentType, tellIgnoredFields } from './errors.js';
import { GitRemotes } from './git-remote.js';
import { Inventory } from './inventory.js';
import { operationRoutes } from './operation-routes.js';
import { pageRoutes } from './page.js';
import { projectRoutes } from './project-routes.js';
import { Projects } from './projects.js';
import { type CredentialTemplate, Repositories } from './repositories.js';
import { repositoryRoutes } from './repository-routes.js';
import { requireSession, sessionRoutes, Sessions, USERNAME } from './session.js';
import { TargetStates } from './target-state.js';
import { watchRoutes } from './watch-routes.js';
import { webhookRoutes } from './webhook-routes.js';

export interface ArgoCd extends StandIn {
  readonly credentials: { url: string; username: string; password: string };
  /** Call once everything listens: applications that were there go on. */
  start(): void;
}

/** Where GitHub's push events go, and what they are signed with. */
export function argoWebhook({ publicHost, ports, store }: SandboxContext): { url: string; secret: string } {
  const secret = keptSecret(store, 'argocd.webhook', () => randomText(40));
  return { url: `http://${publicHost}:${ports.argocd}/api/webhook`, secret };
}

/** `template` is the credential that an administrator registered before anyone else came. */
export function createArgoCd(context: SandboxContext, cluster: Cluster, template: CredentialTemplate): ArgoCd {
  const { clock, faults, store } = context;
  const projects = new Projects(context);
  const sessions = new Sessions(context, projects);
  const access = new Access(projects);
  const applications = new Applications(context);
  const remotes = new GitRemotes(join(context.home, 'argocd'));
  const repositories = new Repositories(context, remotes);
  const targets = new TargetStates(store, repositories, remotes);
  const inventory = new Inventory(store, cluster);
  const controller = new Controller({ applications, projects, repositories, targets, cluster, inventory, clock, faults });
  const parts = { applications, projects, repositories, remotes, targets, controller, cluster, inventory, sessions, access };
  repositories.setTemplate(template);

  return {
    system: 'argocd',
    credentials: { url: `http://${context.publicHost}:${context.ports.argocd}`, username: USERNAME, password: sessions.password },
    start: () => controller.start(),

    routes(app) {
      handleErrors(app);
      requireJsonContentType(app);
      requireSession(app, sessions);
      app.get('/api/version', () => ({ Version: 'v3.6.0' }));
      app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok'));
      sessionRoutes(app, sessions);
      tellIgnoredFields(app);
      projectRoutes(app, parts);
      repositoryRoutes(app, parts);
      applicationRoutes(app, parts);
      operationRoutes(app, parts);
      watchRoutes(app, { applications, access, context });
      webhookRoutes(app, controller, argoWebhook(context).secret);
      pageRoutes(app, applications, projects);
    },

    state: () => ({
      repositories: repositories.list().map(({ repo, project }) => ({ repo, project })),
      projects: projects.list().map(({ metadata }) => metadata.name),
      credentialTemplates: repositories.templates().map(({ url }) => url),
      applications: applications.list().map(({ metadata, spec, status, operation }) => ({
        name: metadata.name,
        project: spec.project,
        namespace: spec.destination.namespace,
        repoURL: spec.source?.repoURL,
        sync: status.sync.status,
        revision: status.sync.revision,
        health: status.health.status,
        operating: operation !== undefined,
        deleting: metadata.deletionTimestamp !== undefined,
      })),
    }),

    async reset() {
      applications.clear();
      projects.clear();
      inventory.clear();
      repositories.clear();
      targets.clear();
      repositories.setTemplate(template);
      await remotes.clear();
    },

    async close() {
      controller.close();
    },
  };
}
