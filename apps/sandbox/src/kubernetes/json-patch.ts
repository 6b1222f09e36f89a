import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-error.js';
import { copyOf, isObject, type Json } from './json.js';

/** RFC 6902, all six operations. @throws ApiError 422 for an operation that cannot be done, as the API server answers. */
export function jsonPatch(document: Json, operations: Json[]): Json {
  let result = copyOf(document);
  for (const operation of operations) {
    if (!isObject(operation)) throw refusal('jsonpatch operation is not an object');
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
      read(document, path, op);
      return path === '' ? (value ?? null) : add(remove(document, path), path, value ?? null);
    case 'move':
      return add(remove(document, from ?? ''), path, read(document, from ?? '', op));
    case 'copy':
      return add(document, path, copyOf(read(document, from ?? '', op)));
    case 'test':
      if (isDeepStrictEqual(read(document, path, op), value ?? null)) return document;
      throw refusal(`testing value ${path} failed: test failed`);
    default:
      throw refusal(`Unexpected kind: ${op}`);
  }
}

function add(document: Json, path: string, value: Json): Json {
  if (path === '') return value;
  const { parent, key } = locate(document, path, 'add');
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : Number(key), 0, value);
  else parent[key] = value;
  return document;
}

function remove(document: Json, path: string): Json {
  const copy = copyOf(document);
  const { parent, key } = locate(copy, path, 'remove');
  read(copy, path, 'remove');
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return copy;
}

function read(document: Json, path: string, op: string): Json {
  if (path === '') return document;
  const { parent, key } = locate(document, path, op);
  const value = Array.isArray(parent) ? parent[Number(key)] : parent[key];
  if (value === undefined) throw refusal(`${op} operation does not apply: doc is missing key: ${path}: missing value`);
  return value;
}

function locate(document: Json, path: string, op: string): { parent: Json[] | Record<string, Json>; key: string } {
  const keys = path.split('/').slice(1).map(unescapePointer);
  const last = keys.pop() ?? '';
  let parent: Json | undefined = document;
  for (const key of keys) {
    parent = Array.isArray(parent) ? parent[Number(key)] : isObject(parent) ? parent[key] : undefined;
  }
  if (Array.isArray(parent) || isObject(parent)) return { parent, key: last };
  throw refusal(`${op} operation does not apply: doc is missing path: "${path}": missing value`);
}

function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

function refusal(message: string): ApiError {
  return new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`, {});
}
