import { isObject, type Json, type JsonObject } from './json.js';

/**
 * How the lists of the built-in types merge: by these fields of their elements. Kubernetes keeps this in each type's schema
 * (`x-kubernetes-list-map-keys`, patch merge keys); the name of the field is enough to tell here. A list not named is atomic.
 */
const KEYED: Record<string, string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  secrets: ['name'],
  hostAliases: ['ip'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};
const PORT_FIELDS = ['containerPort', 'port'];
const SETS = ['finalizers'];

type ListKind = { kind: 'atomic' } | { kind: 'set' } | { kind: 'keyed'; keys: string[] };

export function listKind(field: string, list: Json[], custom: boolean): ListKind {
  if (SETS.includes(field)) return { kind: 'set' };
  if (custom && field !== 'ownerReferences') return { kind: 'atomic' };
  const keys = field === 'ports' ? portKeys(list) : KEYED[field];
  if (!keys || !list.every(isObject)) return { kind: 'atomic' };
  return { kind: 'keyed', keys };
}

/** The values of the keys, in the order of the keys' names: what tells one element from another. */
export function elementKey(element: JsonObject, keys: string[]): JsonObject {
  const entries = [...keys].sort().map((key): [string, Json] => [key, element[key] ?? (key === 'protocol' ? 'TCP' : null)]);
  return Object.fromEntries(entries);
}

export function sameElement(a: Json, b: Json, keys: string[]): boolean {
  return isObject(a) && isObject(b) && JSON.stringify(elementKey(a, keys)) === JSON.stringify(elementKey(b, keys));
}

function portKeys(list: Json[]): string[] | undefined {
  const field = PORT_FIELDS.find((name) => list.every((element) => isObject(element) && name in element));
  return field === undefined || list.length === 0 ? undefined : [field, 'protocol'];
}
