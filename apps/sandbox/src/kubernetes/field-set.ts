import { isObject, type Json, type JsonObject } from './json.js';
import { elementKey, fieldSchema, isAtomicMap, itemSchema, listKind, type Schema } from './schemas/schema.js';

/**
 * The paths of the leaves of an object, the grain at which managers own fields. A path is the list of the segments that
 * FieldsV1 writes (`f:name`, `k:{"name":"app"}`, `v:"text"`), joined by a character that no segment contains unescaped.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export type FieldSet = Map<string, Json>;

const SEPARATOR = '\u001f';
/** What identifies the object or is the server's own; nobody manages these. */
const UNMANAGED_METADATA = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/** Each leaf's path with its value. A map or list without a schema is one leaf if a list, and as many as it has fields if a map. */
export function fieldsOf(object: JsonObject, schema: Schema | undefined): FieldSet {
  const fields: FieldSet = new Map();
  for (const [name, value] of Object.entries(object)) {
    if (name === 'apiVersion' || name === 'kind') continue;
    const managed = name === 'metadata' && isObject(value) ? withoutKeys(value, UNMANAGED_METADATA) : value;
    if (name === 'metadata' && Object.keys(managed as JsonObject).length === 0) continue;
    collect(managed, `f:${name}`, fieldSchema(schema, name), fields);
  }
  return fields;
}

/** One value for each set of paths there is: thousands of objects are written alike, and their owned fields outweigh them. */
const interned = new Map<string, JsonObject>();
const MOST_INTERNED = 2_000;

/** FieldsV1 of the paths; not to be changed, as others hold the same. */
export function toFieldsV1(paths: Iterable<string>): JsonObject {
  const sorted = [...paths].sort();
  const key = sorted.join('\n');
  const known = interned.get(key);
  if (known) return known;
  const made = buildFieldsV1(sorted);
  if (interned.size >= MOST_INTERNED) interned.clear();
  interned.set(key, made);
  return made;
}

function buildFieldsV1(paths: string[]): JsonObject {
  const root: JsonObject = {};
  for (const path of paths) {
    let node = root;
    for (const segment of segmentsOf(path)) {
      const next = node[segment];
      // An element of a keyed list is owned as such, beside its fields.
      node = isObject(next) ? next : (node[segment] = segment.startsWith('k:') ? { '.': {} } : {});
    }
  }
  return root;
}

export function fromFieldsV1(fields: Json | undefined): Set<string> {
  const paths = new Set<string>();
  if (isObject(fields)) walk(fields, [], paths);
  return paths;
}

/** Whether the path is among those of the FieldsV1. */
export function ownsPath(fields: JsonObject, path: string): boolean {
  let node: Json | undefined = fields;
  for (const segment of segmentsOf(path)) {
    if (!isObject(node)) return false;
    node = node[segment];
  }
  return isObject(node) && isLeaf(node);
}

export function segmentsOf(path: string): string[] {
  return path.split(SEPARATOR);
}

/** As causes and messages name a field: `.spec.template.spec.containers[name="app"].image`. */
export function displayPath(path: string): string {
  return segmentsOf(path).map(displaySegment).join('');
}

function collect(value: Json, path: string, schema: Schema | undefined, into: FieldSet): void {
  if (value === null || value === undefined) return;
  if (isObject(value) && Object.keys(value).length > 0 && !isAtomicMap(schema)) {
    for (const [name, child] of Object.entries(value)) collect(child, `${path}${SEPARATOR}f:${name}`, fieldSchema(schema, name), into);
    return;
  }
  if (Array.isArray(value) && value.length > 0) {
    const list = listKind(schema);
    const items = itemSchema(schema);
    if (list.kind === 'set') {
      for (const element of value) into.set(`${path}${SEPARATOR}v:${JSON.stringify(element)}`, element);
      return;
    }
    if (list.kind === 'keyed' && value.every(isObject)) {
      for (const element of value) {
        collect(element, `${path}${SEPARATOR}k:${JSON.stringify(elementKey(element, list.keys, items))}`, items, into);
      }
      return;
    }
  }
  into.set(path, value);
}

function walk(node: JsonObject, path: string[], into: Set<string>): void {
  if (isLeaf(node) && path.length > 0) into.add(path.join(SEPARATOR));
  for (const [segment, child] of Object.entries(node)) {
    if (segment !== '.') walk(isObject(child) ? child : {}, [...path, segment], into);
  }
}

/** A dot says that an element of a list is owned as such. */
function isLeaf(node: JsonObject): boolean {
  return Object.keys(node).every((segment) => segment === '.');
}

function displaySegment(segment: string): string {
  const rest = segment.slice(2);
  if (segment.startsWith('f:')) return `.${rest}`;
  if (segment.startsWith('v:')) return `[=${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as JsonObject);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}

function withoutKeys(value: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
