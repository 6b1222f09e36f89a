import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Cluster } from '../cluster.js';
import { type Application, isAutomated, Retry, targetRevision } from './application.js';
import type { Access } from './access.js';
import { type ApplicationPlace, requireApplication } from './application-access.js';
import type { Applications } from './applications.js';
import type { Controller } from './controller.js';
import { ArgoError, parseMessage } from './errors.js';
import type { Inventory } from './inventory.js';
import { liveResource } from './live-resource.js';
import { resourceTree } from './resource-tree.js';
import { managedResources } from './managed-resources.js';
import type { Repositories } from './repositories.js';
import type { GitRemotes } from './git-remote.js';
import { RemoteFailure } from './remote-failure.js';
import { subjectOf } from './session.js';
import type { TargetStates } from './target-state.js';

interface OperationParts {
  applications: Applications;
  access: Access;
  controller: Controller;
  cluster: Cluster;
  inventory: Inventory;
  repositories: Repositories;
  remotes: GitRemotes;
  targets: TargetStates;
}

export function operationRoutes(app: FastifyInstance, parts: OperationParts): void {
  const { applications, controller, cluster, inventory, targets } = parts;

  app.post<ApplicationPlace>('/api/v1/applications/:name/sync', async (request) => {
    const asked = parseMessage('ApplicationSyncRequest', SyncRequest, request);
    const { name } = request.params;
    const project = asked.project ?? request.query['project'];
    const application = requireApplication(parts, request, 'sync', project);
    assertSyncable(application, asked);
    const revision = await resolveRevision(application, asked.revision, parts);
    const { prune, dryRun, resources, syncOptions, retryStrategy, infos } = asked;
    const set = controller.setOperation(name, {
      sync: { revision, prune, dryRun, resources, syncOptions: syncOptions?.items },
      initiatedBy: { username: subjectOf(request).sub.replace(/:login$/, '') },
      retry: retryStrategy ?? {},
      info: infos,
    });
    if (!set) throw new ArgoError('FailedPrecondition', 'another operation is already in progress');
    return requireApplication(parts, request, 'sync', project);
  });

  app.delete<ApplicationPlace>('/api/v1/applications/:name/operation', (request) => {
    const { operation, status } = requireApplication(parts, request, 'sync', request.query['project']);
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
    const application = requireApplication(parts, request, 'get', request.query['project']);
    return resourceTree(application, cluster, inventory);
  });

  app.get<ApplicationPlace>('/api/v1/applications/:name/resource', (request) => {
    const application = requireApplication(parts, request, 'get', request.query['project']);
    const { group, kind, namespace, resourceName } = request.query;
    return liveResource(application, { group, kind, namespace, resourceName }, cluster, inventory);
  });

  app.get<ApplicationPlace>('/api/v1/applications/:name/managed-resources', async (request) => {
    const application = requireApplication(parts, request, 'get', request.query['project']);
    return managedResources(application, request.query, { cluster, inventory, targets });
  });

  app.get<ApplicationPlace>('/api/v1/applications/:name/events', (request) => {
    const application = requireApplication(parts, request, 'get', request.query['project']);
    return resourceEvents(application, request.query, cluster);
  });
}

/** Of one resource, or, where none is named, of the application itself. */
function resourceEvents({ metadata }: Application, query: ApplicationPlace['Querystring'], cluster: Cluster): object {
  const { resourceName, resourceUID, resourceNamespace } = query;
  const ofResource = Boolean(resourceName ?? resourceUID);
  const wanted = ofResource ? { name: resourceName, uid: resourceUID } : { name: metadata.name, uid: metadata.uid };
  const events = cluster.list('v1', 'Event', ofResource ? resourceNamespace : metadata.namespace);
  const items = events.filter((event) => {
    const involved = event['involvedObject'] as { name?: string; uid?: string } | undefined;
    return (!wanted.name || involved?.name === wanted.name) && (!wanted.uid || involved?.uid === wanted.uid);
  });
  return { metadata: {}, items: items.length > 0 ? items : null };
}

const SyncRequest = z.object({
  name: z.string().optional(),
  appNamespace: z.string().optional(),
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

/**
 * The commit that the operation will be of, what the application follows unless another is asked for.
 *
 * @throws ArgoError FailedPrecondition for a revision that the repository does not know.
 */
async function resolveRevision(
  { spec }: Application,
  asked: string | undefined,
  { repositories, remotes }: OperationParts,
): Promise<string | undefined> {
  if (!spec.source) return asked;
  const { repoURL } = spec.source;
  try {
    const credential = await repositories.credentialFor(repoURL, spec.project);
    return await remotes.resolve(repoURL, asked || targetRevision(spec), credential);
  } catch (error) {
    if (error instanceof RemoteFailure) throw new ArgoError('FailedPrecondition', error.message);
    throw error;
  }
}
