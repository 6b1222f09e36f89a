import type { KubernetesObject } from '../../cluster.js';
import { createObject } from '../create-object.js';
import { deleteObject } from '../delete-object.js';
import { listAt, numberAt, textAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import type { Api } from '../write-object.js';
import { controlledBy, isReady, podOf, templateHash } from './owned-pods.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

const BY = { fieldManager: 'kube-controller-manager' };
const REVISION = 'controller-revision-hash';

/**
 * Pods with names that last, one after the other, each once the one before is ready; a changed template replaces them from the
 * last to the first. With the StatefulSet goes the database that it ran.
 */
export async function reconcileStatefulSet(
  { api, database }: ControllerContext,
  { namespace, name }: ObjectKey,
  object: KubernetesObject | undefined,
): Promise<void> {
  if (!object) {
    await database.dropServer(`${namespace}/${name}`);
    return;
  }
  if (object.metadata.deletionTimestamp !== undefined) return;
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const revision = `${name}-${templateHash(object)}`;
  const pods = controlledBy(api, object, 'Pod').sort((a, b) => ordinalOf(a) - ordinalOf(b));
  for (const pod of pods.filter((candidate) => ordinalOf(candidate) >= wanted)) remove(api, pod);
  const kept = pods.filter((pod) => ordinalOf(pod) < wanted);
  advance(api, object, kept, wanted, revision);
  reportStatus(api, object, kept, revision);
}

/** One step: the first missing pod, if those before it are ready; else, when all are, the last pod of an older revision. */
function advance(api: Api, set: KubernetesObject, pods: KubernetesObject[], wanted: number, revision: string): void {
  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const pod = pods.find((candidate) => ordinalOf(candidate) === ordinal);
    if (!pod) return createPod(api, set, ordinal, revision);
    const parallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
    if (!parallel && !isReady(pod) && pod.metadata.labels?.[REVISION] === revision) return;
  }
  const outdated = pods.filter((pod) => pod.metadata.labels?.[REVISION] !== revision).at(-1);
  if (outdated && textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') remove(api, outdated);
}

function createPod(api: Api, set: KubernetesObject, ordinal: number, revision: string): void {
  const { namespace, name } = set.metadata;
  const podName = `${name}-${ordinal}`;
  const claims = listAt(set, 'spec', 'volumeClaimTemplates') as KubernetesObject[];
  for (const claim of claims) ensureClaim(api, set, claim, `${claim.metadata.name}-${podName}`);
  const template = listAt(set, 'spec', 'template', 'spec', 'volumes') as { name: string }[];
  const claimed = claims.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${podName}` },
  }));
  const volumes = [...template.filter((volume) => !claimed.some((claim) => claim.name === volume.name)), ...claimed];
  const subdomain = textAt(set, 'spec', 'serviceName');
  const spec = {
    hostname: podName,
    ...(subdomain === undefined ? {} : { subdomain }),
    ...(volumes.length > 0 ? { volumes } : {}),
  };
  const labels = {
    [REVISION]: revision,
    'statefulset.kubernetes.io/pod-name': podName,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  createObject(api, typeOf('Pod'), namespace, podOf(set, podName, { labels, spec }), BY);
}

/** Claims outlive the StatefulSet, as they do in a cluster; they go with the namespace. */
function ensureClaim(api: Api, set: KubernetesObject, template: KubernetesObject, name: string): void {
  const type = typeOf('PersistentVolumeClaim');
  if (api.objects.get(type, set.metadata.namespace, name)) return;
  const { labels } = template.metadata;
  const metadata = { name, ...(labels ? { labels } : {}) };
  createObject(api, type, set.metadata.namespace, { apiVersion: 'v1', kind: type.kind, metadata, spec: template['spec'] }, BY);
}

function reportStatus(api: Api, set: KubernetesObject, pods: KubernetesObject[], revision: string): void {
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION] === revision).length;
  const done = updated === pods.length && ready === pods.length;
  const current = done ? revision : (textAt(set, 'status', 'currentRevision') ?? revision);
  updateStatus(api, typeOf('StatefulSet'), set, {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: done ? pods.length : pods.length - updated,
    updatedReplicas: updated,
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
  });
}

function remove(api: Api, pod: KubernetesObject): void {
  deleteObject(api, typeOf('Pod'), pod.metadata.namespace, pod.metadata.name);
}

function ordinalOf(pod: KubernetesObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? 0);
}
