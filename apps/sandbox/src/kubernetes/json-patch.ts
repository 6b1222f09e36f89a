import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-error.js';
import { copyOf, isObject, type Json } from './json.js';

/** RFC 6902, all six operations. @throws ApiError 422 for an operation that cannot be done, as the API server answers. */
export function jsonPatch(document: Json, operations: Json[]): Json {
  let result = copyOf(document);
  for (const operation of operations) {
    if (!isObject(operation)) throw refusal();
    result = applyOne(result, operation as unknown as Operation);
  }
  return result;
}

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: Json;
}

function applyOne(document: Json, { op, path, from, value }: Operation): Json {
  switch (op) {
    case 'add':
      return add(document, path, value ?? null);
    case 'remove':
      return remove(document, path);
    case 'replace':
      read(document, path);
      return path === '' ? (value ?? null) : add(remove(document, path), path, value ?? null);
    case 'move':
      return add(remove(document, from ?? ''), path, read(document, from ?? ''));
    case 'copy':
      return add(document, path, copyOf(read(document, from ?? '')));
    case 'test':
      if (isDeepStrictEqual(read(document, path), value ?? null)) return document;
      throw refusal();
    default:
      throw refusal();
  }
}

function add(document: Json, path: string, value: Json): Json {
  if (path === '') return value;
  const { parent, key } = locate(document, path);
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : Number(key), 0, value);
  else parent[key] = value;
  return document;
}

function remove(document: Json, path: string): Json {
  const copy = copyOf(document);
  const { parent, key } = locate(copy, path);
  read(copy, path);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return copy;
}

function read(document: Json, path: string): Json {
  if (path === '') return document;
  const { parent, key } = locate(document, path);
  const value = child(parent, key);
  if (value === undefined) throw refusal();
  return value;
}

function locate(document: Json, path: string): { parent: Json[] | Record<string, Json>; key: string } {
  const keys = path.split('/').slice(1).map(unescapePointer);
  const last = keys.pop() ?? '';
  let parent: Json | undefined = document;
  for (const key of keys) {
    parent = child(parent, key);
  }
  if ((Array.isArray(parent) || isObject(parent)) && last !== '__proto__') return { parent, key: last };
  throw refusal();
}

/** Own properties alone: a path must not lead out of the document. */
function child(parent: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(parent)) return parent[Number(key)];
  return isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The API server keeps the reason to itself. */
function refusal(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
