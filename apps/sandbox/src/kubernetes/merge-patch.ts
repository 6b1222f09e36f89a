import { isObject, type Json, type JsonObject } from './json.js';
import { listKind, sameElement } from './list-keys.js';

/** RFC 7396. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

/**
 * Strategic merge: as a merge patch, but keyed lists merge by element, with `$patch: delete` on an element and `$patch: replace`
 * on a map; the directives that only order elements are dropped.
 */
export function strategicMergePatch(target: Json | undefined, patch: Json, field = ''): Json {
  if (Array.isArray(patch)) return mergeLists(Array.isArray(target) ? target : [], patch, field);
  if (!isObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(withoutDirectives(patch))) {
    if (value === null) delete result[name];
    else result[name] = strategicMergePatch(result[name], value, name);
  }
  return result;
}

function mergeLists(target: Json[], patch: Json[], field: string): Json[] {
  if (patch.some((element) => isObject(element) && element['$patch'] === 'replace')) {
    return patch.filter((element) => !isObject(element) || element['$patch'] !== 'replace');
  }
  const list = listKind(field, [...target, ...patch], false);
  if (list.kind === 'atomic') return patch;
  if (list.kind === 'set') return [...target, ...patch.filter((element) => !target.includes(element))];
  const result = [...target];
  for (const element of patch) {
    const index = result.findIndex((known) => sameElement(known, element, list.keys));
    if (isObject(element) && element['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index >= 0) {
      result[index] = strategicMergePatch(result[index], element, field);
    } else {
      result.push(element);
    }
  }
  return result;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')));
}
