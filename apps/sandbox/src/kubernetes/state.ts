import { at, listAt, textAt } from './json.js';
import { qualified, typeOf } from './resource-types.js';
import type { Api } from './write-object.js';

interface NamespaceState {
  name: string;
  phase: string;
  labels: Record<string, string>;
  /** By resource, such as `deployments.apps`; events left out. */
  objects: Record<string, string[]>;
}

/** For GET /state: each namespace with the names of what it holds, and how its pods do. */
export function describeState(api: Api): { namespaces: NamespaceState[]; pods: Record<string, string> } {
  const namespaces = api.objects.list(typeOf('Namespace')).map((namespace) => ({
    name: namespace.metadata.name,
    phase: textAt(namespace, 'status', 'phase') ?? '',
    labels: namespace.metadata.labels ?? {},
    objects: namesByResource(api, namespace.metadata.name),
  }));
  const pods = Object.fromEntries(
    api.objects.list(typeOf('Pod')).map((pod) => {
      const waiting = listAt(pod, 'status', 'containerStatuses').map((status) => at(status, 'state', 'waiting', 'reason'));
      const state = waiting.find((reason) => typeof reason === 'string') ?? textAt(pod, 'status', 'phase') ?? 'Pending';
      return [`${pod.metadata.namespace}/${pod.metadata.name}`, String(state)];
    }),
  );
  return { namespaces, pods };
}

function namesByResource(api: Api, namespace: string): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  for (const { type, object } of api.objects.inNamespace(namespace)) {
    if (type.kind !== 'Event') (names[qualified(type)] ??= []).push(object.metadata.name);
  }
  return names;
}
