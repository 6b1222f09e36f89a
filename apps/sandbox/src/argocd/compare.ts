import type { Cluster, KubernetesObject } from '../cluster.js';
import type { Application, Health, ResourceStatus, SyncStatusCode } from './application.js';
import { matchesLive } from './difference.js';
import { identityOf } from './identity.js';
import { type Inventory, liveOf, referenceTo, sameObject } from './inventory.js';
import { healthOf, worst } from './resource-health.js';
import type { TargetState } from './target-state.js';
import { syncWave } from './sync-order.js';

export interface Comparison {
  sync: Application['status']['sync'];
  health: Health;
  resources: ResourceStatus[];
  images: string[];
}

/** What should be there against what is there. Reads only. */
export function compare(application: Application, target: TargetState, cluster: Cluster, inventory: Inventory): Comparison {
  const resources: ResourceStatus[] = [];
  const live: KubernetesObject[] = [];
  for (const object of target.objects) {
    const found = liveOf(cluster, object);
    if (found) live.push(found);
    resources.push(statusOf(object, found));
  }
  const wanted = target.objects.map(referenceTo);
  for (const object of inventory.live(application.metadata.name)) {
    if (wanted.some((reference) => sameObject(reference, referenceTo(object)))) continue;
    resources.push({ ...statusOf(object, object), status: 'OutOfSync', requiresPruning: true });
  }
  const status: SyncStatusCode = resources.every((resource) => resource.status === 'Synced') ? 'Synced' : 'OutOfSync';
  const kept = resources.filter((resource) => !resource.requiresPruning);
  const health = worst(kept.map((resource) => resource.health?.status ?? 'Healthy'));
  return {
    sync: { status, revision: target.revision, comparedTo: comparedTo(application) },
    health: { status: health },
    resources,
    images: [...new Set(live.flatMap(imagesOf))].sort(),
  };
}

/** What is shown where the target could not even be made, or may not be. */
export function incomparable(application: Application): Comparison['sync'] {
  return { status: 'Unknown', comparedTo: comparedTo(application) };
}

function comparedTo(application: Application): object {
  return { source: application.spec.source, destination: application.spec.destination };
}

function statusOf(object: KubernetesObject, live: KubernetesObject | undefined): ResourceStatus {
  const wave = syncWave(object);
  const health: Health | undefined = live ? healthOf(live) : { status: 'Missing' };
  return {
    ...identityOf(object),
    status: live && matchesLive(object, live) ? 'Synced' : 'OutOfSync',
    ...(health && { health }),
    ...(wave !== 0 && { syncWave: wave }),
  };
}

export function imagesOf(object: KubernetesObject): string[] {
  const pod = podSpecOf(object);
  const containers = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
  return containers.flatMap(({ image }) => (image ? [image] : []));
}

interface PodSpec {
  containers?: { image?: string }[];
  initContainers?: { image?: string }[];
}

interface Templated {
  template?: { spec?: PodSpec };
  jobTemplate?: { spec?: Templated };
}

function podSpecOf(object: KubernetesObject): PodSpec | undefined {
  if (object.kind === 'Pod') return object['spec'] as PodSpec | undefined;
  const spec = object['spec'] as Templated | undefined;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec;
}
