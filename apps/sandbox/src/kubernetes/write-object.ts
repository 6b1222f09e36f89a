import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../cluster.js';
import type { Clock } from '../core/clock.js';
import type { Faults } from '../core/faults.js';
import { modified } from './api-error.js';
import { applyDefaults } from './defaults.js';
import { without } from './json.js';
import { trackUpdate } from './managed-fields.js';
import type { ObjectStore } from './object-store.js';
import type { FieldValidation } from './read-object.js';
import { apiVersionOf, hasStatus, type ResourceType } from './resource-types.js';
import { validate } from './validation.js';

export interface Api {
  objects: ObjectStore;
  clock: Clock;
  /** Those of things, such as a namespace that stays. */
  faults: Faults;
}

export interface WriteOptions {
  /** Who the changed fields belong to. */
  fieldManager: string;
  dryRun?: boolean;
  subresource?: string;
  validation?: FieldValidation;
  /** Looks at what is about to be stored. @throws ApiError */
  admit?: (object: KubernetesObject) => void;
}

/** Sandbox time as the API server writes it, to the second. */
export function timestamp(api: Api): string {
  return api.clock.timestamp();
}

/** A new object with what the server gives it, not yet stored. */
export function newObject(
  api: Api,
  type: ResourceType,
  given: KubernetesObject,
  namespace: string | undefined,
): KubernetesObject {
  const metadata = without(
    given.metadata,
    'resourceVersion',
    'managedFields',
    'deletionTimestamp',
  ) as KubernetesObject['metadata'];
  const object: KubernetesObject = {
    ...given,
    // Clients with typed bodies leave these to the path.
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(api),
      ...('spec' in given || type.custom ? { generation: 1 } : {}),
    },
  };
  if (hasStatus(type)) delete object['status'];
  return object;
}

/** Defaults, validates and stores an object; `owned` says that its managed fields are settled already (server-side apply). */
export function writeObject(
  api: Api,
  type: ResourceType,
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  options: WriteOptions & { owned?: boolean },
): KubernetesObject {
  const completed = applyDefaults(type, after, before);
  validate(type, completed, before);
  if (before && sameApartFromServer(before, completed)) return before;
  options.admit?.(completed);
  const { fieldManager, subresource } = options;
  const by = { manager: fieldManager, time: timestamp(api), ...(subresource === undefined ? {} : { subresource }) };
  const tracked = options.owned ? completed : trackUpdate(type, before, completed, by);
  const counted = before ? withGeneration(before, tracked) : tracked;
  if (options.dryRun) return counted;
  return finish(api, type, counted);
}

/** What a client may not change about an object that it sends back, and whether it saw the newest. @throws ApiError 409 */
export function keepServerFields(type: ResourceType, before: KubernetesObject, sent: KubernetesObject): KubernetesObject {
  const { resourceVersion, uid } = sent.metadata;
  const stale = resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== before.metadata.resourceVersion;
  if (stale || (uid !== undefined && uid !== before.metadata.uid)) throw modified(type, before.metadata.name);
  const { generation, creationTimestamp, deletionTimestamp } = before.metadata;
  const managedFields = sentOwners(sent) ?? before.metadata['managedFields'];
  return {
    ...sent,
    apiVersion: before.apiVersion,
    kind: before.kind,
    metadata: {
      ...sent.metadata,
      name: before.metadata.name,
      ...(before.metadata.namespace === undefined ? {} : { namespace: before.metadata.namespace }),
      ...defined({ uid: before.metadata.uid, resourceVersion: before.metadata.resourceVersion, creationTimestamp }),
      ...defined({ generation, deletionTimestamp, managedFields }),
    },
  };
}

/** Who owns what may be written by hand (kubectl does, to go over to server-side apply); an empty list changes nothing. */
function sentOwners({ metadata }: KubernetesObject): unknown[] | undefined {
  const sent = metadata['managedFields'];
  return Array.isArray(sent) && sent.length > 0 ? sent : undefined;
}

/** An object whose deletion waits for finalizers goes with the last of them. */
function finish(api: Api, type: ResourceType, object: KubernetesObject): KubernetesObject {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp !== undefined && finalizers.length === 0 && type.kind !== 'Namespace') {
    api.objects.remove(type, object);
    return object;
  }
  return api.objects.put(type, object);
}

function withGeneration(before: KubernetesObject, after: KubernetesObject): KubernetesObject {
  const changed = !isDeepStrictEqual(before['spec'], after['spec']);
  if (!changed) return after;
  return { ...after, metadata: { ...after.metadata, generation: (before.metadata.generation ?? 0) + 1 } };
}

/** A write that changes nothing is none: no new version, no event. */
function sameApartFromServer(before: KubernetesObject, after: KubernetesObject): boolean {
  return isDeepStrictEqual(comparable(before), comparable(after));
}

function comparable(object: KubernetesObject): unknown {
  const owners = (object.metadata['managedFields'] ?? []) as { time?: string }[];
  const managedFields = owners.map((owner) => ({ ...owner, time: undefined }));
  return { ...object, metadata: { ...object.metadata, resourceVersion: undefined, managedFields } };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
