import type { KubernetesObject } from '../cluster.js';
import { badRequest, notFound } from './api-error.js';
import { checkIdentity } from './create-object.js';
import { without } from './json.js';
import { readObject } from './read-object.js';
import { hasStatus, type ResourceType } from './resource-types.js';
import { keepServerFields, writeObject, type Api, type WriteOptions } from './write-object.js';

/** PUT. @throws ApiError as the API server refuses. */
export function replaceObject(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  sent: KubernetesObject,
  options: WriteOptions,
): KubernetesObject {
  checkIdentity(type, namespace, sent);
  const read = readObject(type, sent, options.validation);
  const before = api.objects.get(type, namespace, name);
  if (!before) throw notFound(type, name);
  if (sent.metadata?.name !== name) {
    throw badRequest(`the name of the object (${sent.metadata?.name ?? ''}) does not match the name on the URL (${name})`);
  }
  return updateObject(api, type, before, read, options);
}

/** Stores what a client made of an object that it read: by the object's own door all but the status, by `status` only that. */
export function updateObject(
  api: Api,
  type: ResourceType,
  before: KubernetesObject,
  sent: KubernetesObject,
  options: WriteOptions,
): KubernetesObject {
  const after = keepServerFields(type, before, sent);
  if (options.subresource === 'status') {
    return writeObject(api, type, before, { ...before, status: after['status'] }, options);
  }
  if (!hasStatus(type)) return writeObject(api, type, before, after, options);
  const rest = without(after, 'status') as KubernetesObject;
  const status = before['status'];
  return writeObject(api, type, before, status === undefined ? rest : { ...rest, status }, options);
}

/** How controllers report. Nothing happens where the object is gone or the status says so already. */
export function updateStatus(api: Api, type: ResourceType, object: KubernetesObject, status: Record<string, unknown>): void {
  const before = api.objects.get(type, object.metadata.namespace, object.metadata.name);
  if (!before || before.metadata.uid !== object.metadata.uid) return;
  const options = { fieldManager: 'kube-controller-manager', subresource: 'status' };
  writeObject(api, type, before, { ...before, status }, options);
}
