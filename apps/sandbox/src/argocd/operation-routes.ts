import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Cluster } from '../cluster.js';
import { type Application, isAutomated, Retry, targetRevision } from './application.js';
import { type ApplicationPlace, requireApplication } from './application-routes.js';
import type { Applications } from './applications.js';
import type { Controller } from './controller.js';
import { ArgoError, parseMessage } from './errors.js';
import type { Inventory } from './inventory.js';
import { resourceTree } from './resource-tree.js';
import { USERNAME } from './session.js';

interface OperationParts {
  applications: Applications;
  controller: Controller;
  cluster: Cluster;
  inventory: Inventory;
}

export function operationRoutes(app: FastifyInstance, { applications, controller, cluster, inventory }: OperationParts): void {
  app.post<ApplicationPlace>('/api/v1/applications/:name/sync', (request) => {
    const asked = parseMessage(SyncRequest, request.body);
    const { name } = request.params;
    const application = requireApplication(applications, name, asked.project ?? request.query['project']);
    assertSyncable(application, asked);
    const { revision, prune, dryRun, resources, syncOptions, retryStrategy, infos } = asked;
    const set = controller.setOperation(name, {
      sync: { revision, prune, dryRun, resources, syncOptions: syncOptions?.items },
      initiatedBy: { username: USERNAME },
      retry: retryStrategy ?? {},
      info: infos,
    });
    if (!set) throw new ArgoError('FailedPrecondition', 'another operation is already in progress');
    return requireApplication(applications, name, undefined);
  });

  app.delete<ApplicationPlace>('/api/v1/applications/:name/operation', (request) => {
    const { operation, status } = requireApplication(applications, request.params.name, request.query['project']);
    if (!operation || !status.operationState) {
      throw new ArgoError('InvalidArgument', 'Unable to terminate operation. No operation is in progress');
    }
    // Only asked for here: whoever runs the operation ends it.
    applications.update(request.params.name, (application) => {
      if (application.status.operationState) application.status.operationState.phase = 'Terminating';
    });
    return {};
  });

  app.get<ApplicationPlace>('/api/v1/applications/:name/resource-tree', (request) => {
    const application = requireApplication(applications, request.params.name, request.query['project']);
    return resourceTree(application, cluster, inventory);
  });
}

const SyncRequest = z.object({
  revision: z.string().optional(),
  prune: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  project: z.string().optional(),
  strategy: z.record(z.string(), z.unknown()).nullish(),
  resources: z
    .array(z.object({ group: z.string().optional(), kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .optional(),
  syncOptions: z.object({ items: z.array(z.string()).optional() }).optional(),
  retryStrategy: Retry.optional(),
  infos: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});

function assertSyncable(application: Application, asked: z.infer<typeof SyncRequest>): void {
  if (application.metadata.deletionTimestamp) throw new ArgoError('FailedPrecondition', 'application is deleting');
  const tracked = targetRevision(application.spec);
  if (isAutomated(application.spec) && !asked.dryRun && asked.revision && asked.revision !== tracked) {
    const message = `Cannot sync to ${asked.revision}: auto-sync currently set to ${tracked}`;
    throw new ArgoError('FailedPrecondition', message);
  }
}
