import type { KubernetesObject, OwnerReference } from '../../cluster.js';
import { deleteObject, dependentsOf, FOREGROUND } from '../delete-object.js';
import { findKind, type ResourceType } from '../resource-types.js';
import type { Api } from '../write-object.js';

/** Deletes an object whose owners are all gone, and ends a foreground deletion. Whether that was the end of the object. */
export function collectGarbage(api: Api, type: ResourceType, object: KubernetesObject): boolean {
  const { ownerReferences = [], finalizers = [], namespace, name, deletionTimestamp } = object.metadata;
  if (
    ownerReferences.length > 0 &&
    deletionTimestamp === undefined &&
    ownerReferences.every((owner) => !owns(api, owner, namespace))
  ) {
    return deleteObject(api, type, namespace, name).gone;
  }
  if (!finalizers.includes(FOREGROUND)) return false;
  const dependents = dependentsOf(api, object);
  for (const dependent of dependents) {
    const { metadata } = dependent.object;
    if (metadata.deletionTimestamp === undefined) {
      deleteObject(api, dependent.type, metadata.namespace, metadata.name, { propagationPolicy: 'Foreground' });
    }
  }
  if (dependents.length > 0) return false;
  const left = finalizers.filter((finalizer) => finalizer !== FOREGROUND);
  if (left.length === 0) api.objects.remove(type, object);
  else api.objects.put(type, { ...object, metadata: { ...object.metadata, finalizers: left } });
  return left.length === 0;
}

function owns(api: Api, owner: OwnerReference, namespace: string | undefined): boolean {
  const type = findKind(owner.apiVersion, owner.kind);
  // Of a kind that is not stored here, nobody can say that it is gone.
  if (!type) return true;
  return api.objects.get(type, type.namespaced ? namespace : undefined, owner.name)?.metadata.uid === owner.uid;
}
