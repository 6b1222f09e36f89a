import { goType } from '../api-error.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { itemSchema, resolved, type Schema } from './schema.js';

/** A value has a type that the field's Go type cannot take. The message is Go's. */
export class DecodingError extends Error {}

interface Decoded {
  value: JsonObject;
  /** The paths of fields that the type does not have, which are dropped: `spec.template.spec.container`. */
  unknown: string[];
}

/** An object as the API server reads it: fields that the type does not have are left out. @throws DecodingError */
export function decode(value: JsonObject, schema: Schema | undefined): Decoded {
  if (!schema) return { value, unknown: [] };
  const unknown: string[] = [];
  const decoded = walk(value, schema, { path: '', struct: '', unknown });
  return { value: decoded as JsonObject, unknown };
}

interface Place {
  /** With indices, as unknown fields are named. */
  path: string;
  /** The Go struct and the path without indices, as wrong types are named. */
  struct: string;
  unknown: string[];
}

function walk(value: Json, given: Schema, place: Place): Json | undefined {
  const schema = resolved(given) ?? given;
  // Values of custom resources are checked by their definition, which has other words for it.
  if (value === null) return schema.nullable ? null : undefined;
  if (schema.properties && isObject(value)) return walkStruct(value, schema, given, place);
  if (typeof schema.additionalProperties === 'object' && isObject(value)) return walkMap(value, schema.additionalProperties, place);
  if (schema.type === 'array' && Array.isArray(value)) return walkList(value, schema, place);
  if (!isBuiltIn(schema, place)) return value;
  return checkType(value, schema, given, place);
}

function walkStruct(object: JsonObject, schema: Schema, given: Schema, place: Place): JsonObject {
  const result: JsonObject = {};
  const struct = structName(given) ?? place.struct;
  for (const [name, value] of Object.entries(object)) {
    const path = place.path === '' ? name : `${place.path}.${name}`;
    const field = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
    if (field) {
      const read = walk(value, field, { ...place, path, struct });
      if (read !== undefined) result[name] = read;
    } else if (schema['x-kubernetes-preserve-unknown-fields'] || (schema['x-kubernetes-embedded-resource'] && isTypeMeta(name))) {
      result[name] = value;
    } else {
      place.unknown.push(path);
    }
  }
  return result;
}

function walkMap(object: JsonObject, values: Schema, place: Place): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    const read = walk(value, values, { ...place, path: `${place.path}.${name}` });
    if (read !== undefined) result[name] = read;
  }
  return result;
}

function walkList(list: Json[], schema: Schema, place: Place): Json[] {
  const items = schema.items;
  if (!items) return list;
  return list.map((element, index) => walk(element, items, { ...place, path: `${place.path}[${index}]` }) ?? null);
}

function checkType(value: Json, schema: Schema, given: Schema, { path, struct }: Place): Json {
  if (fits(value, schema)) return isQuantity(schema) && typeof value === 'number' ? String(value) : value;
  const where = `Go struct field ${struct}.${path.replace(/\[\d+\]/g, '')}`;
  const found = typeof value === 'number' ? `number ${value}` : goType(value);
  const wanted = goTypeOf(schema, given);
  throw new DecodingError(`json: cannot unmarshal ${wanted === 'string' && typeof value === 'number' ? 'number' : found} into ${where} of type ${wanted}`);
}

function fits(value: Json, schema: Schema): boolean {
  if (schema.format === 'int-or-string') return typeof value === 'string' || Number.isInteger(value);
  if (isQuantity(schema)) return typeof value === 'number' || typeof value === 'string';
  switch (schema.type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return true;
  }
}

/** As Go's JSON decoder names the type that it should have filled. */
function goTypeOf(schema: Schema, given: Schema): string {
  const named = structName(given);
  if (schema.type === 'object' && named !== undefined) return `v1.${named}`;
  if (schema.type === 'array') return `[]${goTypeOf(itemSchema(schema) ?? {}, schema.items ?? {})}`;
  if (typeof schema.additionalProperties === 'object') return `map[string]${goTypeOf(resolved(schema.additionalProperties) ?? {}, schema.additionalProperties)}`;
  if (schema.type === 'integer') return schema.format ?? 'int64';
  return { string: schema.format === 'byte' ? '[]uint8' : 'string', boolean: 'bool', number: 'float64' }[schema.type ?? ''] ?? 'map[string]interface {}';
}

/** The schemas of built-in types have names; those of custom resources have none, all but their metadata. */
function structName(given: Schema): string | undefined {
  const reference = given.$ref ?? given.allOf?.[0]?.$ref;
  const kind = given['x-kubernetes-group-version-kind']?.[0]?.kind;
  return reference?.split('.').at(-1) ?? kind;
}

function isBuiltIn(schema: Schema, { struct }: Place): boolean {
  return struct !== '' && !schema['x-kubernetes-preserve-unknown-fields'];
}

function isQuantity({ oneOf }: Schema): boolean {
  return oneOf?.length === 2 && oneOf.some(({ type }) => type === 'number');
}

function isTypeMeta(name: string): boolean {
  return ['apiVersion', 'kind', 'metadata'].includes(name);
}
