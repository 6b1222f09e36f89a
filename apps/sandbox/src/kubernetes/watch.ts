import { PassThrough } from 'node:stream';
import type { KubernetesObject } from '../cluster.js';
import { ApiError, statusBody } from './api-error.js';
import type { Change } from './object-store.js';
import { apiVersionOf, type ResourceType } from './resource-types.js';
import type { Selector } from './selectors.js';
import type { Api } from './write-object.js';

interface WatchRequest {
  type: ResourceType;
  namespace: string | undefined;
  matches: Selector;
  /** Changes after this version; undefined or "0": everything there is as ADDED, then changes. */
  resourceVersion: string | undefined;
  timeoutSeconds: number | undefined;
  bookmarks: boolean;
  sendInitialEvents: boolean;
}

const DEFAULT_TIMEOUT_S = 1800;

/**
 * The stream of a watch: one JSON document a line, `{type, object}`. Ends at its timeout, or with an ERROR event of status 410
 * where the version asked for is compacted.
 */
export function openWatch(api: Api, request: WatchRequest): PassThrough {
  const stream = new PassThrough();
  const send = (type: string, object: unknown) => stream.write(`${JSON.stringify({ type, object })}\n`);
  const past = changesToReplay(api, request);
  if (!past) {
    send('ERROR', statusBody(new ApiError(410, 'Expired', `too old resource version: ${request.resourceVersion}`)));
    return stream.end();
  }

  const known = knownAtStart(api, request, past);
  if (past === 'from now') {
    for (const object of api.objects.list(request.type, request.namespace).filter(request.matches)) send('ADDED', object);
    if (request.sendInitialEvents && request.bookmarks) send('BOOKMARK', endOfInitialEvents(api, request.type));
  } else {
    for (const change of past) forward(change);
  }
  const stop = api.objects.onChange(forward);
  const end = setTimeout(() => stream.end(), (request.timeoutSeconds ?? DEFAULT_TIMEOUT_S) * 1000);
  stream.once('close', () => {
    stop();
    clearTimeout(end);
  });
  return stream;

  /** As the server does, an object that begins to match is ADDED, and one that ceases to is DELETED. */
  function forward(change: Change): void {
    if (!concerns(change, request)) return;
    const id = idOf(change.object);
    const wasKnown = known.delete(id);
    if (change.event === 'DELETED' || !request.matches(change.object)) {
      if (wasKnown) send('DELETED', change.object);
      return;
    }
    known.add(id);
    send(wasKnown ? 'MODIFIED' : 'ADDED', change.object);
  }
}

function changesToReplay(api: Api, { resourceVersion, sendInitialEvents }: WatchRequest): Change[] | 'from now' | undefined {
  const unversioned = resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0';
  return unversioned || sendInitialEvents ? 'from now' : api.objects.since(Number(resourceVersion));
}

/** The ids of what the watcher has seen before the first change: all there is now, less what came since, and what went since. */
function knownAtStart(api: Api, request: WatchRequest, past: Change[] | 'from now'): Set<string> {
  const known = new Set(api.objects.list(request.type, request.namespace).filter(request.matches).map(idOf));
  if (past === 'from now') return known;
  const concerning = past.filter((change) => concerns(change, request));
  for (const { event, object } of concerning) if (event === 'DELETED') known.add(idOf(object));
  for (const { event, object } of concerning) if (event === 'ADDED') known.delete(idOf(object));
  return known;
}

function concerns(change: Change, { type, namespace }: WatchRequest): boolean {
  return change.type === type && (namespace === undefined || change.object.metadata.namespace === namespace);
}

function idOf(object: KubernetesObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`;
}

function endOfInitialEvents(api: Api, type: ResourceType): unknown {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    metadata: { resourceVersion: String(api.objects.version), annotations },
  };
}
