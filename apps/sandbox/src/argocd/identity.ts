import type { KubernetesObject } from '../cluster.js';

/** Which object of a cluster, as Argo CD names one in all it answers: what is empty is left out. */
export interface Identity {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
}

export function identityOf({ apiVersion, kind, metadata }: KubernetesObject): Identity {
  const group = groupOf(apiVersion);
  return {
    ...(group && { group }),
    version: versionOf(apiVersion),
    kind,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    name: metadata.name,
  };
}

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

const CLUSTER_SCOPED = new Set([
  'Namespace', 'Node', 'PersistentVolume', 'StorageClass', 'PriorityClass', 'IngressClass', 'RuntimeClass', 'APIService',
  'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding', 'ClusterSecretStore', 'ClusterExternalSecret',
  'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration',
]);

export function isClusterScoped(kind: string): boolean {
  return CLUSTER_SCOPED.has(kind);
}
