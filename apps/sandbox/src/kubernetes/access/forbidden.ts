import { ApiError } from '../api-error.js';
import type { Attributes } from './authorize.js';
import type { User } from './user.js';

/** In the words of the API server, which name the user and what was missing. */
export function forbidden(user: User, attributes: Attributes, reason: string): ApiError {
  const because = reason === '' ? '' : `: ${reason}`;
  if ('path' in attributes) {
    return new ApiError(403, 'Forbidden', `forbidden: User "${user.name}" cannot ${attributes.verb} path "${attributes.path}"${because}`, {});
  }
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const asked = subresource === '' ? resource : `${resource}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const why = `User "${user.name}" cannot ${verb} resource "${asked}" in API group "${group}" ${scope}${because}`;
  return forbiddenObject({ group, plural: resource }, name, why);
}

export function forbiddenObject({ group, plural }: { group: string; plural: string }, name: string, why: string): ApiError {
  const qualified = group === '' ? plural : `${plural}.${group}`;
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
  return new ApiError(403, 'Forbidden', `${qualified}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, details);
}
