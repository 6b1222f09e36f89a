import type { KubernetesObject } from '../../cluster.js';
import { createObject } from '../create-object.js';
import { deleteObject } from '../delete-object.js';
import { listAt, textAt } from '../json.js';
import type { Stored } from '../object-store.js';
import { typeOf } from '../resource-types.js';
import { timestamp, type Api } from '../write-object.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

const TERMINATION_MS = 300;
const STUCK_MS = 300;
/** What seems to hold a namespace that a fault holds. */
const STUCK_FINALIZER = 'sandbox.slipway.dev/stuck';

/** Furnishes a new namespace as a cluster does, and empties one that is being deleted before it goes. */
export function reconcileNamespace(
  { api, requeue }: ControllerContext,
  { name }: ObjectKey,
  object: KubernetesObject | undefined,
): void {
  if (!object) return;
  const { deletionTimestamp } = object.metadata;
  if (deletionTimestamp === undefined) return furnish(api, name);
  const begun = listAt(object, 'status', 'conditions').length > 0;
  if (!begun) {
    reportProgress(api, object, api.objects.inNamespace(name), []);
    return requeue(object, TERMINATION_MS);
  }
  for (const { type, object: content } of api.objects.inNamespace(name)) {
    if (content.metadata.deletionTimestamp === undefined) deleteObject(api, type, name, content.metadata.name);
  }
  const left = api.objects.inNamespace(name);
  const stuck = api.faults.isOn('kubernetes', 'stuck-termination', name);
  const held = [...listAt(object, 'spec', 'finalizers'), ...(object.metadata.finalizers ?? [])].filter((finalizer) => finalizer !== 'kubernetes');
  if (left.length === 0 && !stuck && held.length === 0) return api.objects.remove(typeOf('Namespace'), object);
  reportProgress(api, object, left, stuck ? [STUCK_FINALIZER] : []);
  if (stuck) requeue(object, STUCK_MS);
}

function furnish(api: Api, namespace: string): void {
  const by = { fieldManager: 'kube-controller-manager' };
  const account: KubernetesObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  if (!api.objects.get(typeOf('ServiceAccount'), namespace, 'default')) {
    createObject(api, typeOf('ServiceAccount'), namespace, account, by);
  }
}

const FINE = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  ['NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
] as const;

/** The five conditions of a terminating namespace: what is left in it, and what holds that. */
function reportProgress(api: Api, namespace: KubernetesObject, left: Stored[], holding: string[]): void {
  const byResource = Map.groupBy(left, ({ type }) => `${type.plural}.${type.group}`);
  const resources = [...byResource].map(([resource, objects]) => `${resource} has ${objects.length} resource instances`);
  const byFinalizer = Map.groupBy([...left.flatMap(({ object }) => object.metadata.finalizers ?? []), ...holding], (finalizer) => finalizer);
  const finalizers = [...byFinalizer].map(([finalizer, all]) => `${finalizer} in ${all.length} resource instances`);
  const stays = holding.length > 0 && resources.length === 0 ? ['configmaps. has 1 resource instances'] : resources;
  const troubles: Record<string, [string, string] | undefined> = {
    NamespaceContentRemaining: stays.length > 0 ? ['SomeResourcesRemain', `Some resources are remaining: ${stays.join(', ')}`] : undefined,
    NamespaceFinalizersRemaining:
      finalizers.length > 0
        ? ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`]
        : undefined,
  };
  const conditions = FINE.map(([type, fineReason, fineMessage]) => {
    const [reason, message] = troubles[type] ?? [fineReason, fineMessage];
    const status = troubles[type] ? 'True' : 'False';
    const before = listAt(namespace, 'status', 'conditions').find((condition) => textAt(condition, 'type') === type);
    const lastTransitionTime = textAt(before, 'status') === status ? textAt(before, 'lastTransitionTime') : timestamp(api);
    return { type, status, lastTransitionTime, reason, message };
  });
  const status = { phase: 'Terminating', conditions };
  if (JSON.stringify(namespace['status']) !== JSON.stringify(status)) api.objects.put(typeOf('Namespace'), { ...namespace, status });
}
