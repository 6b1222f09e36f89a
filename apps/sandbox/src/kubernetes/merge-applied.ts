import { isObject, without, type Json, type JsonObject } from './json.js';
import { elementKey, listKind, sameElement } from './list-keys.js';

/** What a server-side apply makes of the live value: maps and keyed lists are merged, everything else is replaced. */
export function mergeApplied(live: Json | undefined, applied: Json, field: string, custom: boolean): Json {
  if (isObject(live) && isObject(applied)) return mergeMaps(live, applied, custom);
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  const list = listKind(field, [...live, ...applied], custom);
  if (list.kind === 'atomic') return applied;
  if (list.kind === 'set') return [...live, ...applied.filter((element) => !live.includes(element))];
  const merged = live.map((element) => {
    const match = applied.find((candidate) => sameElement(candidate, element, list.keys));
    return match === undefined ? element : mergeApplied(element, match, field, custom);
  });
  const added = applied.filter((element) => !live.some((known) => sameElement(known, element, list.keys)));
  return [...merged, ...added];
}

/** The value without the leaf at the path, and without what is empty for its loss. */
export function removePath(value: Json, segments: string[], field = ''): Json | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return undefined;
  if (segment.startsWith('f:')) return isObject(value) ? removeField(value, segment.slice(2), rest) : value;
  if (!Array.isArray(value)) return value;
  const sought = segment.slice(2);
  const left = value.flatMap((element) => {
    const matches = segment.startsWith('v:') ? JSON.stringify(element) === sought : hasKey(element, sought);
    if (!matches) return [element];
    const remains = removePath(element, rest, field);
    return remains === undefined ? [] : [remains];
  });
  return left.length === 0 ? undefined : left;
}

function mergeMaps(live: JsonObject, applied: JsonObject, custom: boolean): JsonObject {
  const merged = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    if (value !== null) merged[name] = mergeApplied(live[name], value, name, custom);
  }
  return merged;
}

function removeField(value: JsonObject, name: string, rest: string[]): JsonObject | undefined {
  const child = value[name];
  if (child === undefined) return value;
  const others = without(value, name) as JsonObject;
  const remains = removePath(child, rest, name);
  if (remains !== undefined) return { ...others, [name]: remains };
  return Object.keys(others).length === 0 ? undefined : others;
}

function hasKey(element: Json, sought: string): boolean {
  if (!isObject(element)) return false;
  const keys = Object.keys(JSON.parse(sought) as JsonObject);
  return JSON.stringify(elementKey(element, keys)) === sought;
}
