import type { KubernetesObject } from '../../cluster.js';
import { createObject } from '../create-object.js';
import { deleteObject } from '../delete-object.js';
import { at, textAt } from '../json.js';
import { qualified, typeOf, type ResourceType } from '../resource-types.js';
import type { Api } from '../write-object.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

const TERMINATION_MS = 300;

/** Furnishes a new namespace as a cluster does, and empties one that is being deleted before it goes. */
export function reconcileNamespace(
  { api, requeue }: ControllerContext,
  { name }: ObjectKey,
  object: KubernetesObject | undefined,
): void {
  if (!object) return;
  if (object.metadata.deletionTimestamp === undefined) {
    furnish(api, name);
    return;
  }
  const since = textAt(object, 'status', 'conditions', 0, 'lastTransitionTime');
  if (since === undefined) return beginTermination(api, object);
  const age = api.clock.now() - Date.parse(since);
  if (age < TERMINATION_MS) return requeue(object, TERMINATION_MS - age);
  for (const { type, object: content } of api.objects.inNamespace(name)) {
    if (content.metadata.deletionTimestamp === undefined) deleteObject(api, type, name, content.metadata.name);
  }
  const left = api.objects.inNamespace(name);
  if (left.length === 0) api.objects.remove(typeOf('Namespace'), object);
  else reportRemaining(api, object, left);
}

/** Dated to the millisecond, unlike the deletion itself, to tell when the moment of terminating is over. */
function beginTermination(api: Api, namespace: KubernetesObject): void {
  const condition = {
    type: 'NamespaceDeletionDiscoveryFailure',
    status: 'False',
    lastTransitionTime: new Date(api.clock.now()).toISOString(),
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  };
  api.objects.put(typeOf('Namespace'), { ...namespace, status: { phase: 'Terminating', conditions: [condition] } });
}

function furnish(api: Api, namespace: string): void {
  const by = { fieldManager: 'kube-controller-manager' };
  const account: KubernetesObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  if (!api.objects.get(typeOf('ServiceAccount'), namespace, 'default')) {
    createObject(api, typeOf('ServiceAccount'), namespace, account, by);
  }
}

function reportRemaining(api: Api, namespace: KubernetesObject, left: { type: ResourceType; object: KubernetesObject }[]): void {
  const counts = Map.groupBy(left, ({ type }) => qualified(type));
  const finalizers = [...new Set(left.flatMap(({ object }) => object.metadata.finalizers ?? []))];
  const remaining = [...counts].map(([resource, objects]) => `${resource} has ${objects.length} resource instances`).join(', ');
  const conditions = [
    at(namespace, 'status', 'conditions', 0),
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${remaining}`,
    },
    {
      type: 'NamespaceFinalizersRemaining',
      status: finalizers.length > 0 ? 'True' : 'False',
      reason: 'SomeFinalizersRemain',
      message: `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
    },
  ];
  const status = { phase: 'Terminating', conditions };
  if (JSON.stringify(namespace['status']) !== JSON.stringify(status))
    api.objects.put(typeOf('Namespace'), { ...namespace, status });
}
