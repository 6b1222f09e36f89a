import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../cluster.js';
import { numberAt, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import { newObject, timestamp, type Api } from '../write-object.js';

const KEPT_MS = 3_600_000;
const LOOK_AGAIN_MS = 300_000;
const OWN_COMPONENT = 'slipway-sandbox';

/** Tells about an object in an Event; what was said before in the same words counts up instead. */
export function recordEvent(
  api: Api,
  about: KubernetesObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  component = OWN_COMPONENT,
): void {
  const events = typeOf('Event');
  const { kind, apiVersion } = about;
  const { name, uid, resourceVersion, namespace = 'default' } = about.metadata;
  const eventName = `${name}.${wordsOf(uid, reason, message)}`;
  const same = api.objects.get(events, namespace, eventName);
  if (same && !isOld(api, same)) {
    api.objects.put(events, { ...same, count: (numberAt(same, 'count') ?? 1) + 1, lastTimestamp: timestamp(api) });
    return;
  }
  if (same) api.objects.remove(events, same);
  const event: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName },
    involvedObject: { kind, apiVersion, name, namespace, uid, resourceVersion },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: timestamp(api),
    lastTimestamp: timestamp(api),
    source: { component },
    reportingComponent: component,
  };
  api.objects.put(events, newObject(api, events, event, namespace));
}

/** Takes away the events that are older than an hour, now and from time to time; the function returned ends that. */
export function expireEvents(api: Api): () => void {
  const events = typeOf('Event');
  for (const event of api.objects.list(events)) if (isOld(api, event)) api.objects.remove(events, event);
  let cancel = api.clock.after(LOOK_AGAIN_MS, () => {
    cancel = expireEvents(api);
  });
  return () => cancel();
}

/** As long as the digits that the real ones end in, but the same for the same words: the event is found without a search. */
function wordsOf(...parts: (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Events that clients wrote may tell their time elsewhere. */
function isOld(api: Api, event: KubernetesObject): boolean {
  const last = textAt(event, 'lastTimestamp') ?? textAt(event, 'eventTime') ?? event.metadata.creationTimestamp ?? '';
  return api.clock.now() - Date.parse(last) > KEPT_MS;
}
