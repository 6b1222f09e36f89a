import type { KubernetesObject } from '../cluster.js';
import { notFound, preconditionFailed } from './api-error.js';
import { without } from './json.js';
import type { Stored } from './object-store.js';
import type { ResourceType } from './resource-types.js';
import { timestamp, type Api } from './write-object.js';

export interface DeleteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

interface Deletion {
  object: KubernetesObject;
  /** False while finalizers, dependents or a namespace's contents hold it back. */
  gone: boolean;
}

export const FOREGROUND = 'foregroundDeletion';

/** DELETE. @throws ApiError 404, or 409 where a precondition does not hold. */
export function deleteObject(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions = {},
): Deletion {
  const object = api.objects.get(type, namespace, name);
  if (!object) throw notFound(type, name);
  checkPreconditions(type, object, options);
  if (options.dryRun) return { object, gone: true };
  if (options.propagationPolicy === 'Orphan') orphanDependents(api, object);
  const finalizers = finalizersFor(api, object, options);
  if (finalizers.length === 0 && type.kind !== 'Namespace') {
    api.objects.remove(type, object);
    return { object, gone: true };
  }
  return { object: markDeleted(api, type, object, finalizers), gone: false };
}

/** Every object that names this one as its owner. Owners in a namespace never reach into another. */
export function dependentsOf(api: Api, owner: KubernetesObject): Stored[] {
  const { namespace, uid = '' } = owner.metadata;
  const found = api.objects.dependentsOf(uid);
  return namespace === undefined ? found : found.filter(({ object }) => object.metadata.namespace === namespace);
}

function checkPreconditions(type: ResourceType, object: KubernetesObject, { preconditions }: DeleteOptions): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw preconditionFailed(type, name, `UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`);
  }
  const version = preconditions?.resourceVersion;
  if (version !== undefined && version !== resourceVersion) {
    throw preconditionFailed(
      type,
      name,
      `ResourceVersion in precondition: ${version}, ResourceVersion in object meta: ${resourceVersion}`,
    );
  }
}

function finalizersFor(api: Api, object: KubernetesObject, { propagationPolicy }: DeleteOptions): string[] {
  const finalizers = object.metadata.finalizers ?? [];
  const waits = propagationPolicy === 'Foreground' && dependentsOf(api, object).length > 0;
  return waits && !finalizers.includes(FOREGROUND) ? [...finalizers, FOREGROUND] : finalizers;
}

function markDeleted(api: Api, type: ResourceType, object: KubernetesObject, finalizers: string[]): KubernetesObject {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return object;
  const marked: KubernetesObject = {
    ...object,
    metadata: {
      ...metadata,
      deletionTimestamp: timestamp(api),
      deletionGracePeriodSeconds: 0,
      ...(finalizers.length > 0 ? { finalizers } : {}),
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    },
  };
  if (type.kind === 'Namespace') marked['status'] = { phase: 'Terminating' };
  return api.objects.put(type, marked);
}

function orphanDependents(api: Api, owner: KubernetesObject): void {
  for (const { type, object } of dependentsOf(api, owner)) {
    const ownerReferences = object.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid) ?? [];
    const metadata = without(object.metadata, 'ownerReferences') as KubernetesObject['metadata'];
    api.objects.put(type, { ...object, metadata: ownerReferences.length > 0 ? { ...metadata, ownerReferences } : metadata });
  }
}
