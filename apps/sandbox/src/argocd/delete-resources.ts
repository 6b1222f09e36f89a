import { ClusterError } from '../cluster.js';
import { type Application, isCascade } from './application.js';
import type { SyncParts } from './sync-operation.js';

/** One look at a deletion: asks the cluster to delete what is left. Whether nothing is. */
export async function deleteResources(application: Application, parts: SyncParts): Promise<boolean> {
  if (!cascades(application)) return true;
  const { name } = application.metadata;
  for (const object of parts.inventory.live(name)) {
    if (object.metadata.deletionTimestamp) continue;
    try {
      await parts.cluster.delete(object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      noteFailure(name, error.message, parts);
    }
  }
  return parts.inventory.live(name).length === 0;
}

function cascades(application: Application): boolean {
  return (application.metadata.finalizers ?? []).some(isCascade);
}

function noteFailure(name: string, message: string, { applications }: SyncParts): void {
  applications.update(name, ({ status }) => {
    const others = (status.conditions ?? []).filter((condition) => condition.type !== 'DeletionError');
    status.conditions = [...others, { type: 'DeletionError', message, lastTransitionTime: applications.timestamp() }];
  });
}
