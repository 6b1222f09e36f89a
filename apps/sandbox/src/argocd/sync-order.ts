import type { KubernetesObject } from '../cluster.js';

const WAVE_ANNOTATION = 'argocd.argoproj.io/sync-wave';

/** What others build on comes first. Kinds not named come after all of these. */
const KIND_ORDER = [
  'Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget', 'ServiceAccount', 'Secret', 'ConfigMap',
  'StorageClass', 'PersistentVolume', 'PersistentVolumeClaim', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding',
  'Role', 'RoleBinding', 'Service', 'DaemonSet', 'Pod', 'ReplicaSet', 'Deployment', 'HorizontalPodAutoscaler', 'StatefulSet',
  'Job', 'CronJob', 'IngressClass', 'Ingress', 'APIService',
];

export function syncWave(object: KubernetesObject): number {
  return Number.parseInt(object.metadata.annotations?.[WAVE_ANNOTATION] ?? '0', 10) || 0;
}

/** The objects of each wave, waves and kinds in the order in which they are applied. */
export function inWaves(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  const waves = Map.groupBy(objects, syncWave);
  const numbers = [...waves.keys()].sort((a, b) => a - b);
  return numbers.map((number) => [...waves.get(number)!].sort((a, b) => rank(a) - rank(b) || byName(a, b)));
}

function rank(object: KubernetesObject): number {
  const index = KIND_ORDER.indexOf(object.kind);
  return index === -1 ? KIND_ORDER.length : index;
}

function byName(a: KubernetesObject, b: KubernetesObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
