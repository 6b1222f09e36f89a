import { noSuchPath } from './api-error.js';
import { findType, type ResourceType } from './resource-types.js';

export interface Place {
  type: ResourceType;
  /** Absent: the object has none, or the request is about all. */
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

/** `namespaces/{ns}/{plural}/{name}/{subresource}`, or without the namespace. @throws ApiError 404 */
export function locate(group: string, params: { version: string; '*': string }): Place {
  const segments = params['*'].split('/').map(decodeURIComponent);
  const scoped = segments[0] === 'namespaces' && segments.length > 2 && !['status', 'finalize'].includes(segments[2] ?? '');
  const [plural = '', name, subresource, more] = scoped ? segments.slice(2) : segments;
  const type = findType(group, params.version, plural);
  if (!type || more !== undefined || type.namespaced !== (scoped || (type.namespaced && name === undefined))) throw noSuchPath();
  if (subresource !== undefined && !type.subresources.includes(subresource)) throw noSuchPath();
  return { type, namespace: scoped ? segments[1] : undefined, name, subresource };
}
