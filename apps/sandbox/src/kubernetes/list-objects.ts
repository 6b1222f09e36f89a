import { randomUUID } from 'node:crypto';
import type { KubernetesObject } from '../cluster.js';
import { ApiError, badRequest } from './api-error.js';
import type { ResourceType } from './resource-types.js';
import { fieldSelector, labelSelector, type Selector } from './selectors.js';
import type { Api } from './write-object.js';

export interface ListQuery {
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  resourceVersionMatch?: string;
  limit?: string;
  continue?: string;
}

export interface Page {
  items: KubernetesObject[];
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** A page's worth of the list that a client began to read: what it will get, as it was then. */
interface Unread {
  objects: KubernetesObject[];
  version: number;
  since: number;
}

/** As long as etcd keeps what is needed to go on with a list. */
const KEPT_MS = 5 * 60_000;
const MOST_KEPT = 200;

/** Lists that clients are in the middle of. A restart forgets them, as compaction does. */
const unread = new WeakMap<Api, Map<string, Unread>>();

/** A list, or as much of it as `limit` lets. @throws ApiError 400, 410, 504 */
export function listObjects(api: Api, type: ResourceType, namespace: string | undefined, query: ListQuery): Page {
  const limit = Number(query.limit ?? 0);
  if (query.continue) return nextPage(api, query.continue, limit);
  checkVersion(api, query);
  const objects = api.objects.list(type, namespace).filter(matcher(query));
  return pageOf(api, objects, api.objects.version, limit, Boolean(query.labelSelector || query.fieldSelector));
}

export function matcher(query: { labelSelector?: string; fieldSelector?: string }): Selector {
  const byLabel = query.labelSelector ? labelSelector(query.labelSelector) : () => true;
  const byField = query.fieldSelector ? fieldSelector(query.fieldSelector) : () => true;
  return (object) => byLabel(object) && byField(object);
}

function nextPage(api: Api, token: string, limit: number): Page {
  const lists = unread.get(api);
  const list = lists?.get(token);
  if (!list || api.clock.now() - list.since > KEPT_MS) {
    const message =
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the ' +
      'continue parameter.';
    throw new ApiError(410, 'Expired', message);
  }
  return pageOf(api, list.objects, list.version, limit, false);
}

function pageOf(api: Api, objects: KubernetesObject[], version: number, limit: number, selected: boolean): Page {
  const resourceVersion = String(version);
  if (!limit || objects.length <= limit) return { items: objects, metadata: { resourceVersion } };
  const rest = objects.slice(limit);
  const metadata = { resourceVersion, continue: keep(api, { objects: rest, version, since: api.clock.now() }) };
  // A server that selects does not know how much of what is left would match.
  return { items: objects.slice(0, limit), metadata: selected ? metadata : { ...metadata, remainingItemCount: rest.length } };
}

function keep(api: Api, list: Unread): string {
  const lists = unread.get(api) ?? new Map<string, Unread>();
  unread.set(api, lists);
  const oldest = lists.keys().next();
  if (lists.size >= MOST_KEPT && !oldest.done) lists.delete(oldest.value);
  const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: list.version, start: randomUUID() })).toString('base64url');
  lists.set(token, list);
  return token;
}

function checkVersion(api: Api, { resourceVersion = '', resourceVersionMatch = '' }: ListQuery): void {
  if (resourceVersion === '') {
    if (resourceVersionMatch !== '') throw invalidOptions('resourceVersionMatch is forbidden unless resourceVersion is provided');
    return;
  }
  const version = readVersion(resourceVersion);
  if (resourceVersionMatch === 'Exact' && version === 0) {
    throw invalidOptions('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (version > api.objects.version) throw tooLarge(version, api.objects.version);
  if (resourceVersionMatch === 'Exact' && version < api.objects.version) {
    throw new ApiError(410, 'Expired', `The resourceVersion for the provided list is too old.`);
  }
}

/** @throws ApiError 400 */
export function readVersion(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(`Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
}

export function tooLarge(asked: number, current: number): ApiError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  return new ApiError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
}

function invalidOptions(what: string): ApiError {
  const cause = { reason: 'FieldValueForbidden', message: `Forbidden: ${what}`, field: 'resourceVersionMatch' };
  const message = `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${cause.message}`;
  return new ApiError(422, 'Invalid', message, { group: 'meta.k8s.io', kind: 'ListOptions', causes: [cause] });
}
