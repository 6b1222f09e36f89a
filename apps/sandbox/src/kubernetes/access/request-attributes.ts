import type { Attributes } from './authorize.js';

const VERBS: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** What a request asks for, as the API server reads method, path and query. */
export function requestAttributes(method: string, url: string): Attributes {
  const { pathname, searchParams } = new URL(url, 'http://server');
  const segments = pathname.split('/').filter((segment) => segment !== '').map(decode);
  const [root, ...rest] = segments;
  const [group, version, ...tail] = root === 'api' ? ['', ...rest] : rest;
  if ((root !== 'api' && root !== 'apis') || version === undefined || tail.length === 0) {
    return { verb: method === 'GET' ? 'get' : method.toLowerCase(), path: pathname };
  }
  const scoped = tail[0] === 'namespaces' && tail.length > 2 && !['status', 'finalize'].includes(tail[2] ?? '');
  const [resource = '', name = fieldName(searchParams), subresource = ''] = scoped ? tail.slice(2) : tail;
  const namespace = scoped || tail[0] === 'namespaces' ? (tail[1] ?? '') : '';
  const named = (scoped ? tail.slice(2) : tail).length > 1;
  return { verb: verbOf(method, named, searchParams), group: group ?? '', version, resource, subresource, namespace, name };
}

function verbOf(method: string, named: boolean, query: URLSearchParams): string {
  if (method === 'GET' || method === 'HEAD') {
    if (['true', '1'].includes(query.get('watch') ?? '')) return 'watch';
    return named ? 'get' : 'list';
  }
  if (method === 'DELETE' && !named) return 'deletecollection';
  return VERBS[method] ?? method.toLowerCase();
}

/** A list or watch of one object by its name counts as about that object. */
function fieldName(query: URLSearchParams): string {
  return /^metadata\.name=([^,]+)$/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
