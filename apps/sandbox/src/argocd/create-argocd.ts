import { join } from 'node:path';
import type { Cluster } from '../cluster.js';
import type { SandboxContext } from '../core/context.js';
import { keptSecret, randomText } from '../core/credentials.js';
import type { StandIn } from '../stand-in.js';
import { applicationRoutes } from './application-routes.js';
import { Applications } from './applications.js';
import { Controller } from './controller.js';
import { handleErrors, requireJsonContentType } from './errors.js';
import { GitRemotes } from './git-remote.js';
import { Inventory } from './inventory.js';
import { operationRoutes } from './operation-routes.js';
import { pageRoutes } from './page.js';
import { projectRoutes } from './projects.js';
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
  const { clock, store } = context;
  const sessions = new Sessions(context);
  const applications = new Applications(context);
  const remotes = new GitRemotes(join(context.home, 'argocd'));
  const repositories = new Repositories(context, remotes);
  const targets = new TargetStates(repositories, remotes);
  const inventory = new Inventory(store, cluster);
  const controller = new Controller({ applications, targets, cluster, inventory, clock });
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
      projectRoutes(app);
      repositoryRoutes(app, repositories);
      applicationRoutes(app, { applications, repositories, remotes, targets, controller });
      operationRoutes(app, { applications, controller, cluster, inventory });
      watchRoutes(app, applications, clock);
      webhookRoutes(app, controller, argoWebhook(context).secret);
      pageRoutes(app, applications);
    },

    state: () => ({
      repositories: repositories.list().map(({ repo, project }) => ({ repo, project })),
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
      inventory.clear();
      repositories.clear();
      repositories.setTemplate(template);
      await remotes.clear();
    },

    async close() {
      controller.close();
    },
  };
}
