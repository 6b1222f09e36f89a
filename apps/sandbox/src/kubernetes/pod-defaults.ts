import { isObject, listAt, type Json, type JsonObject } from './json.js';

/** A pod's spec, or that of a template, with what the API server fills in. pkg/apis/core/v1/defaults.go of Kubernetes. */
export function withPodDefaults(spec: JsonObject): JsonObject {
  const defaults: JsonObject = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  };
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  return {
    ...defaults,
    ...spec,
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    ...each(spec, 'containers', withContainerDefaults),
    ...each(spec, 'initContainers', withContainerDefaults),
    ...each(spec, 'volumes', withVolumeDefaults),
  };
}

function withContainerDefaults(container: JsonObject): JsonObject {
  const image = typeof container['image'] === 'string' ? container['image'] : '';
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => isObject(container[name]));
  return {
    imagePullPolicy: isLatest(image) ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
    ...container,
    ...each(container, 'ports', (port) => ({ protocol: 'TCP', ...port })),
    ...each(container, 'env', withReferenceDefaults),
    ...Object.fromEntries(probes.map((name): [string, Json] => [name, withProbeDefaults(container[name] as JsonObject)])),
  };
}

function withProbeDefaults(probe: JsonObject): JsonObject {
  const http = probe['httpGet'];
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...probe,
    ...(isObject(http) ? { httpGet: { scheme: 'HTTP', path: '/', ...http } } : {}),
  };
}

function withReferenceDefaults(variable: JsonObject): JsonObject {
  const from = variable['valueFrom'];
  const field = isObject(from) ? from['fieldRef'] : undefined;
  if (!isObject(from) || !isObject(field)) return variable;
  return { ...variable, valueFrom: { ...from, fieldRef: { apiVersion: 'v1', ...field } } };
}

function withVolumeDefaults(volume: JsonObject): JsonObject {
  const modes = ['secret', 'configMap', 'projected', 'downwardAPI'].filter((kind) => isObject(volume[kind]));
  return {
    ...volume,
    ...Object.fromEntries(modes.map((kind): [string, Json] => [kind, { defaultMode: 420, ...(volume[kind] as JsonObject) }])),
  };
}

function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

function each(of: JsonObject, field: string, complete: (element: JsonObject) => JsonObject): JsonObject {
  const list = listAt(of, field);
  if (list.length === 0) return {};
  return { [field]: list.map((element) => (isObject(element) ? complete(element) : (element as Json))) };
}
