import { isObject, without, type Json, type JsonObject } from './json.js';
import { fieldSchema, isAtomicMap, itemSchema, listKind, sameElement, type Schema } from './schemas/schema.js';

/** What a server-side apply makes of the live value: maps and keyed lists are merged, everything else is replaced. */
export function mergeApplied(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  if (isObject(live) && isObject(applied) && !isAtomicMap(schema)) return mergeMaps(live, applied, schema);
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  const list = listKind(schema);
  if (list.kind === 'atomic') return applied;
  if (list.kind === 'set') return [...live, ...applied.filter((element) => !live.includes(element))];
  const items = itemSchema(schema);
  const merged = live.map((element) => {
    const match = applied.find((candidate) => sameElement(candidate, element, list.keys, items));
    return match === undefined ? element : mergeApplied(element, match, items);
  });
  const added = applied.filter((element) => !live.some((known) => sameElement(known, element, list.keys, items)));
  return [...merged, ...added];
}

/** The value without the leaf at the path, and without what is empty for its loss. */
export function removePath(value: Json, segments: string[]): Json | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return undefined;
  if (segment.startsWith('f:')) return isObject(value) ? removeField(value, segment.slice(2), rest) : value;
  if (!Array.isArray(value)) return value;
  const sought = segment.slice(2);
  const left = value.flatMap((element) => {
    const matches = segment.startsWith('v:') ? JSON.stringify(element) === sought : hasKey(element, sought);
    if (!matches) return [element];
    const remains = removePath(element, rest);
    return remains === undefined ? [] : [remains];
  });
  return left.length === 0 ? undefined : left;
}

function mergeMaps(live: JsonObject, applied: JsonObject, schema: Schema | undefined): JsonObject {
  const merged = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    if (value !== null) merged[name] = mergeApplied(live[name], value, fieldSchema(schema, name));
  }
  return merged;
}

function removeField(value: JsonObject, name: string, rest: string[]): JsonObject | undefined {
  const child = value[name];
  if (child === undefined) return value;
  const others = without(value, name) as JsonObject;
  const remains = removePath(child, rest);
  if (remains !== undefined) return { ...others, [name]: remains };
  return Object.keys(others).length === 0 ? undefined : others;
}

/** A key may hold a default that the element itself leaves out, such as the protocol of a port. */
function hasKey(element: Json, sought: string): boolean {
  if (!isObject(element)) return false;
  return Object.entries(JSON.parse(sought) as JsonObject).every(([key, value]) => (element[key] ?? value) === value);
}
