import { randomBytes } from 'node:crypto';
import type { KubernetesObject } from '../cluster.js';
import { alreadyExists, badRequest, namespaceTerminating, notFound, undecodable } from './api-error.js';
import { readObject } from './read-object.js';
import { apiVersionOf, typeOf, type ResourceType } from './resource-types.js';
import { newObject, writeObject, type Api, type WriteOptions } from './write-object.js';

/** POST. @throws ApiError as the API server refuses. */
export function createObject(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  given: KubernetesObject,
  options: WriteOptions,
): KubernetesObject {
  checkIdentity(type, namespace, given);
  const named = withName(readObject(type, given, options.validation));
  admitToNamespace(api, type, namespace, named.metadata.name);
  if (api.objects.get(type, namespace, named.metadata.name)) throw alreadyExists(type, named.metadata.name);
  return writeObject(api, type, undefined, newObject(api, type, named, namespace), options);
}

/** Whether what was sent is what the path says. @throws ApiError 400 */
export function checkIdentity(type: ResourceType, namespace: string | undefined, given: KubernetesObject): void {
  if (given.apiVersion !== undefined && given.apiVersion !== apiVersionOf(type)) {
    throw badRequest(
      `the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersionOf(type)})`,
    );
  }
  if (given.kind !== undefined && given.kind !== type.kind) {
    throw undecodable(type, `no kind "${given.kind}" is registered for version "${apiVersionOf(type)}"`, given);
  }
  const sent = given.metadata?.namespace;
  if (type.namespaced && sent !== undefined && sent !== '' && sent !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
}

/** @throws ApiError 404 without the namespace, 403 while it terminates. */
export function admitToNamespace(api: Api, type: ResourceType, namespace: string | undefined, name: string): void {
  if (!type.namespaced || namespace === undefined) return;
  const found = api.objects.get(typeOf('Namespace'), undefined, namespace);
  if (!found) throw notFound(typeOf('Namespace'), namespace);
  if (found.metadata.deletionTimestamp !== undefined) throw namespaceTerminating(type, name, namespace);
}

const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters without vowels, as the API server ends a generated name. */
export function nameSuffix(): string {
  return [...randomBytes(5)].map((byte) => NAME_ALPHABET[byte % NAME_ALPHABET.length]).join('');
}

function withName(given: KubernetesObject): KubernetesObject {
  const metadata = given.metadata ?? { name: '' };
  const prefix = metadata['generateName'];
  if (metadata.name || typeof prefix !== 'string') return { ...given, metadata: { ...metadata, name: metadata.name ?? '' } };
  return { ...given, metadata: { ...metadata, name: `${prefix}${nameSuffix()}` } };
}
