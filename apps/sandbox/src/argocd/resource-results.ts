import type { KubernetesObject } from '../cluster.js';
import type { ResourceResult } from './application.js';
import { groupOf, identityOf } from './identity.js';

/** What an operation says of one object. */
export function resultOf(
  object: KubernetesObject,
  status: ResourceResult['status'],
  message: string,
  syncPhase: ResourceResult['syncPhase'],
): ResourceResult {
  return {
    group: '',
    namespace: '',
    ...identityOf(object),
    status,
    message,
    hookPhase: status === 'SyncFailed' ? 'Failed' : 'Running',
    syncPhase,
  };
}

export function resourceName(object: KubernetesObject): string {
  const group = groupOf(object.apiVersion);
  return `${object.kind.toLowerCase()}${group && `.${group}`}/${object.metadata.name}`;
}

/** As the operation tells it. */
export function failure(results: readonly ResourceResult[]): string {
  const reasons = results.filter((result) => result.status === 'SyncFailed').map((result) => result.message);
  return `one or more objects failed to apply, reason: ${reasons.join(',')}`;
}
