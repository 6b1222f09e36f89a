import { isObject, without, type Json } from '../json.js';
import { CUSTOM_RESOURCES } from './custom-resources.generated.js';
import { KUBERNETES_SCHEMAS } from './kubernetes.generated.js';

/** OpenAPI v3 as Kubernetes writes it, as far as it is read here. */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  format?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  enum?: Json[];
  default?: Json;
  nullable?: boolean;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
}

export interface CustomResource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames?: string[]; categories?: string[] };
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      subresources?: { status?: object };
      additionalPrinterColumns?: { name: string; jsonPath: string; type: string; priority?: number }[];
      schema: { openAPIV3Schema: Schema };
    }[];
  };
}

/** By the names of OpenAPI: `io.k8s.api.core.v1.Pod`. */
export const SCHEMAS: Record<string, Schema> = JSON.parse(KUBERNETES_SCHEMAS) as Record<string, Schema>;
export const CUSTOM_RESOURCE_DEFINITIONS: CustomResource[] = JSON.parse(CUSTOM_RESOURCES) as CustomResource[];

const OBJECT_META: Schema = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
const REFERENCE = '#/components/schemas/';

const byKind = new Map<string, Schema>();
for (const schema of Object.values(SCHEMAS)) {
  for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) byKind.set(`${group}/${version}/${kind}`, schema);
}
for (const { spec } of CUSTOM_RESOURCE_DEFINITIONS) {
  for (const { name, schema } of spec.versions) {
    // What a definition says of the metadata is that there is some; the server knows the rest.
    const { properties } = schema.openAPIV3Schema;
    byKind.set(`${spec.group}/${name}/${spec.names.kind}`, { ...schema.openAPIV3Schema, properties: { ...properties, metadata: OBJECT_META } });
  }
}

export function schemaOf({ group, version, kind }: { group: string; version: string; kind: string }): Schema | undefined {
  return byKind.get(`${group}/${version}/${kind}`);
}

/** The schema that a reference leads to, with what is said beside the reference. */
export function resolved(schema: Schema | undefined): Schema | undefined {
  if (schema === undefined) return undefined;
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference === undefined) return schema;
  return kept(schema, reference);
}

const merged = new WeakMap<Schema, Schema>();

function kept(schema: Schema, reference: string): Schema {
  const known = merged.get(schema);
  if (known) return known;
  const beside = without(schema, '$ref', 'allOf');
  const made = { ...SCHEMAS[reference.slice(REFERENCE.length)], ...beside };
  merged.set(schema, made);
  return made;
}

/** The schema of a field, undefined where nothing is said about it. */
export function fieldSchema(schema: Schema | undefined, name: string): Schema | undefined {
  const of = resolved(schema);
  const own = of?.properties?.[name];
  if (own) return resolved(own);
  return typeof of?.additionalProperties === 'object' ? resolved(of.additionalProperties) : undefined;
}

export function itemSchema(schema: Schema | undefined): Schema | undefined {
  return resolved(resolved(schema)?.items);
}

export type ListKind = { kind: 'atomic' } | { kind: 'set' } | { kind: 'keyed'; keys: string[] };

/** How a list merges in server-side apply: by list type, or by the older patch strategy where that alone is given. */
export function listKind(schema: Schema | undefined): ListKind {
  const list = resolved(schema);
  const keys = list?.['x-kubernetes-list-map-keys'];
  const mergeKey = list?.['x-kubernetes-patch-merge-key'];
  switch (list?.['x-kubernetes-list-type']) {
    case 'map':
      return keys ? { kind: 'keyed', keys } : { kind: 'atomic' };
    case 'set':
      return { kind: 'set' };
    case 'atomic':
      return { kind: 'atomic' };
    default:
      return list?.['x-kubernetes-patch-strategy']?.includes('merge') ? strategicListKind(list, mergeKey) : { kind: 'atomic' };
  }
}

/** How a list merges in a strategic merge patch, whose merge key is one field even where the list's identity needs more. */
export function strategicListKind(schema: Schema | undefined, mergeKey = resolved(schema)?.['x-kubernetes-patch-merge-key']): ListKind {
  if (!resolved(schema)?.['x-kubernetes-patch-strategy']?.includes('merge')) return { kind: 'atomic' };
  return mergeKey === undefined ? { kind: 'set' } : { kind: 'keyed', keys: [mergeKey] };
}

/** Whether a map is one value to apply, such as a selector. */
export function isAtomicMap(schema: Schema | undefined): boolean {
  return resolved(schema)?.['x-kubernetes-map-type'] === 'atomic';
}

/** The values of the keys, in the order of the keys' names: what tells one element from another. */
export function elementKey(element: Json, keys: string[], items: Schema | undefined): Json {
  if (!isObject(element)) return null;
  return Object.fromEntries([...keys].sort().map((key): [string, Json] => [key, element[key] ?? fieldSchema(items, key)?.default ?? null]));
}

export function sameElement(a: Json, b: Json, keys: string[], items: Schema | undefined): boolean {
  return isObject(a) && isObject(b) && JSON.stringify(elementKey(a, keys, items)) === JSON.stringify(elementKey(b, keys, items));
}
