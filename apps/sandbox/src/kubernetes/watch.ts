import { PassThrough } from 'node:stream';
import type { KubernetesObject } from '../cluster.js';
import { ApiError, statusBody } from './api-error.js';
import { readVersion, tooLarge } from './list-objects.js';
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
  /** How an object is shown: whole, or as a row of a table. */
  represent: (object: KubernetesObject) => unknown;
  /** Breaks off without an end after so long, as a proxy or a dying server does. */
  dropAfterMs: number | undefined;
  /** Says that the version asked for is gone, whether or not it is. */
  expired: boolean;
}

const LEAST_TIMEOUT_S = 1800;
const BOOKMARK_MS = 60_000;

/**
 * The stream of a watch: one JSON document a line, `{type, object}`. Ends at its timeout, or with an ERROR event of status 410
 * where the version asked for is compacted.
 */
export function openWatch(api: Api, request: WatchRequest): PassThrough {
  const stream = new PassThrough();
  const send = (type: string, object: unknown) => stream.write(`${JSON.stringify({ type, object })}\n`);
  const past = changesToReplay(api, request);
  if (!past) {
    const message = `too old resource version: ${request.resourceVersion} (${api.objects.compacted + 1})`;
    send('ERROR', statusBody(new ApiError(410, 'Expired', message)));
    return stream.end();
  }

  const known = knownAtStart(api, request, past);
  if (past === 'from now') {
    for (const object of api.objects.list(request.type, request.namespace).filter(request.matches)) send('ADDED', request.represent(object));
    if (request.sendInitialEvents && request.bookmarks) send('BOOKMARK', bookmark(api, request.type, true));
  } else {
    for (const change of past) forward(change);
  }
  const stop = api.objects.onChange(forward);
  const ends = [api.clock.after(timeoutMs(request), () => stream.end()), ...(request.bookmarks ? [markEach()] : [])];
  if (request.dropAfterMs !== undefined) ends.push(api.clock.after(request.dropAfterMs, () => stream.destroy(new Error('dropped'))));
  stream.once('close', () => {
    stop();
    for (const end of ends) end();
  });
  return stream;

  /** As the server does, an object that begins to match is ADDED, and one that ceases to is DELETED. */
  function forward(change: Change): void {
    if (!concerns(change, request)) return;
    const id = idOf(change.object);
    const wasKnown = known.delete(id);
    if (change.event === 'DELETED' || !request.matches(change.object)) {
      if (wasKnown) send('DELETED', request.represent(change.object));
      return;
    }
    known.add(id);
    send(wasKnown ? 'MODIFIED' : 'ADDED', request.represent(change.object));
  }

  /** Lets the client know how far it is, though nothing it watches has changed. */
  function markEach(): () => void {
    let cancel = api.clock.after(BOOKMARK_MS, again);
    return () => cancel();

    function again(): void {
      send('BOOKMARK', bookmark(api, request.type, false));
      cancel = api.clock.after(BOOKMARK_MS, again);
    }
  }
}

/** @throws ApiError 504 for a version that is not there yet */
function changesToReplay(api: Api, { resourceVersion, sendInitialEvents, expired }: WatchRequest): Change[] | 'from now' | undefined {
  const unversioned = resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0';
  if (unversioned || sendInitialEvents) return 'from now';
  const version = readVersion(resourceVersion);
  if (version > api.objects.version) throw tooLarge(version, api.objects.version);
  return expired ? undefined : api.objects.since(version);
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

/** Asked for, or some random time from half an hour to an hour, so that not all come back at once. */
function timeoutMs({ timeoutSeconds }: WatchRequest): number {
  return (timeoutSeconds || LEAST_TIMEOUT_S * (1 + Math.random())) * 1000;
}

function concerns(change: Change, { type, namespace }: WatchRequest): boolean {
  return change.type === type && (namespace === undefined || change.object.metadata.namespace === namespace);
}

function idOf(object: KubernetesObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`;
}

function bookmark(api: Api, type: ResourceType, initial: boolean): unknown {
  const annotations = initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    metadata: { resourceVersion: String(api.objects.version), creationTimestamp: null, ...annotations },
  };
}
