import type { KubernetesObject } from '../../cluster.js';
import { createObject, nameSuffix } from '../create-object.js';
import { deleteObject } from '../delete-object.js';
import { numberAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import { recordEvent } from './events.js';
import { controlledBy, isReady, podOf } from './owned-pods.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

/** As many pods of its template as its spec says; what is not ready goes first. */
export function reconcileReplicaSet({ api }: ControllerContext, _key: ObjectKey, object: KubernetesObject | undefined): void {
  if (!object || object.metadata.deletionTimestamp !== undefined) return;
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const pods = controlledBy(api, object, 'Pod').sort((a, b) => Number(isReady(b)) - Number(isReady(a)));
  const { namespace, name } = object.metadata;
  for (const pod of pods.slice(wanted)) deleteObject(api, typeOf('Pod'), namespace, pod.metadata.name);
  for (let missing = wanted - pods.length; missing > 0; missing -= 1) {
    const pod = podOf(object, `${name}-${nameSuffix()}`);
    createObject(api, typeOf('Pod'), namespace, pod, { fieldManager: 'kube-controller-manager' });
    recordEvent(api, object, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  }
  const kept = pods.slice(0, wanted);
  const ready = kept.filter(isReady).length;
  updateStatus(api, typeOf('ReplicaSet'), object, {
    observedGeneration: object.metadata.generation,
    replicas: Math.max(kept.length, wanted),
    fullyLabeledReplicas: Math.max(kept.length, wanted),
    readyReplicas: ready,
    availableReplicas: ready,
  });
}
