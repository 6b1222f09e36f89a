import type { KubernetesObject } from '../../cluster.js';
import { nameSuffix } from '../create-object.js';
import { numberAt, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import { newObject, timestamp, type Api } from '../write-object.js';

/** Tells about an object in an Event; what was said before in the same words counts up instead. */
export function recordEvent(
  api: Api,
  about: KubernetesObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const namespace = about.metadata.namespace ?? 'default';
  const events = typeOf('Event');
  const known = api.objects.list(events, namespace);
  for (const old of known) if (isOld(api, old)) api.objects.remove(events, old);
  const same = known.find(
    (event) =>
      !isOld(api, event) &&
      textAt(event, 'involvedObject', 'uid') === about.metadata.uid &&
      event['reason'] === reason &&
      event['message'] === message,
  );
  if (same) {
    api.objects.put(events, { ...same, count: (numberAt(same, 'count') ?? 1) + 1, lastTimestamp: timestamp(api) });
    return;
  }
  const { kind, apiVersion } = about;
  const { name, uid, resourceVersion } = about.metadata;
  const event: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${nameSuffix()}${nameSuffix()}` },
    involvedObject: { kind, apiVersion, name, namespace, uid, resourceVersion },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: timestamp(api),
    lastTimestamp: timestamp(api),
    source: { component: 'slipway-sandbox' },
    reportingComponent: 'slipway-sandbox',
  };
  api.objects.put(events, newObject(api, events, event, namespace));
}

/** Events are kept for an hour. */
function isOld(api: Api, event: KubernetesObject): boolean {
  return api.clock.now() - Date.parse(textAt(event, 'lastTimestamp') ?? '') > 3_600_000;
}
