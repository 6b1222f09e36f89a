import type { KubernetesObject } from '../../cluster.js';
import { at, isObject, listAt, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import type { Api } from '../write-object.js';

export interface MissingConfig {
  /** The container that cannot be created; undefined: the pod waits for a volume. */
  container: string | undefined;
  event: 'Failed' | 'FailedMount';
  message: string;
}

/** The first thing that a pod's containers need from a Secret or ConfigMap and that is not there. */
export function findMissingConfig(api: Api, pod: KubernetesObject): MissingConfig | undefined {
  const namespace = pod.metadata.namespace ?? '';
  for (const volume of listAt(pod, 'spec', 'volumes')) {
    const message = missingVolume(api, namespace, volume);
    if (message !== undefined) return { container: undefined, event: 'FailedMount', message };
  }
  const containers = [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')];
  for (const container of containers) {
    const message = missingEnvironment(api, namespace, container);
    if (message !== undefined) return { container: textAt(container, 'name'), event: 'Failed', message: `Error: ${message}` };
  }
  return undefined;
}

function missingVolume(api: Api, namespace: string, volume: unknown): string | undefined {
  const failed = (what: string) => `MountVolume.SetUp failed for volume "${textAt(volume, 'name')}" : ${what} not found`;
  const secret = textAt(volume, 'secret', 'secretName');
  if (secret !== undefined && at(volume, 'secret', 'optional') !== true && !exists(api, 'Secret', namespace, secret)) {
    return failed(`secret "${secret}"`);
  }
  const map = textAt(volume, 'configMap', 'name');
  if (map !== undefined && at(volume, 'configMap', 'optional') !== true && !exists(api, 'ConfigMap', namespace, map)) {
    return failed(`configmap "${map}"`);
  }
  return undefined;
}

function missingEnvironment(api: Api, namespace: string, container: unknown): string | undefined {
  const whole = listAt(container, 'envFrom').flatMap((source) => [
    { kind: 'Secret', reference: at(source, 'secretRef') },
    { kind: 'ConfigMap', reference: at(source, 'configMapRef') },
  ]);
  const single = listAt(container, 'env').flatMap((variable) => [
    { kind: 'Secret', reference: at(variable, 'valueFrom', 'secretKeyRef') },
    { kind: 'ConfigMap', reference: at(variable, 'valueFrom', 'configMapKeyRef') },
  ]);
  for (const { kind, reference } of [...whole, ...single]) {
    if (!isObject(reference) || reference['optional'] === true) continue;
    const message = missingKey(api, kind, namespace, textAt(reference, 'name') ?? '', textAt(reference, 'key'));
    if (message !== undefined) return message;
  }
  return undefined;
}

/** Worded as the kubelet does. */
function missingKey(api: Api, kind: string, namespace: string, name: string, key: string | undefined): string | undefined {
  const found = api.objects.get(typeOf(kind), namespace, name);
  if (!found) return `${kind.toLowerCase()} "${name}" not found`;
  if (key === undefined || textAt(found, 'data', key) !== undefined) return undefined;
  return `couldn't find key ${key} in ${kind} ${namespace}/${name}`;
}

function exists(api: Api, kind: string, namespace: string, name: string): boolean {
  return api.objects.get(typeOf(kind), namespace, name) !== undefined;
}
