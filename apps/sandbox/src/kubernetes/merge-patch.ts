import { isObject, type Json, type JsonObject } from './json.js';
import { fieldSchema, itemSchema, sameElement, strategicListKind, type Schema } from './schemas/schema.js';

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
 * Strategic merge: as a merge patch, but keyed lists merge by element, with `$patch: delete` on an element, `$patch: replace` on a
 * map or list, `$retainKeys` and `$deleteFromPrimitiveList`; the directives that only order elements are dropped.
 */
export function strategicMergePatch(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (Array.isArray(patch)) return mergeLists(Array.isArray(target) ? target : [], patch, schema);
  if (!isObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) for (const name of Object.keys(result)) if (!retained.includes(name)) delete result[name];
  for (const [name, value] of Object.entries(patch)) {
    const list = /^\$deleteFromPrimitiveList\/(.+)$/.exec(name)?.[1];
    const from = list === undefined ? undefined : result[list];
    if (list !== undefined && Array.isArray(from) && Array.isArray(value)) result[list] = from.filter((element) => !value.includes(element));
  }
  for (const [name, value] of Object.entries(withoutDirectives(patch))) {
    if (value === null) delete result[name];
    else if (isObject(value) && value['$patch'] === 'delete') delete result[name];
    else result[name] = strategicMergePatch(result[name], value, fieldSchema(schema, name));
  }
  return result;
}

function mergeLists(target: Json[], patch: Json[], schema: Schema | undefined): Json[] {
  if (patch.some((element) => isObject(element) && element['$patch'] === 'replace')) {
    return patch.filter((element) => !isObject(element) || element['$patch'] !== 'replace');
  }
  const list = strategicListKind(schema);
  if (list.kind === 'atomic') return patch;
  if (list.kind === 'set') return [...target, ...patch.filter((element) => !target.includes(element))];
  const items = itemSchema(schema);
  const result = [...target];
  for (const element of patch) {
    const index = result.findIndex((known) => sameElement(known, element, list.keys, items));
    if (isObject(element) && element['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index >= 0) {
      result[index] = strategicMergePatch(result[index], element, items);
    } else {
      result.push(element);
    }
  }
  return result;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')));
}
