import type { ResourceKind } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import { markedObjectKind } from './marked-object-kind.js';
import { findNamespace } from './namespace.js';

/** External id: the namespace's name. Removing it removes everything in it, and takes the cluster a while. */
export function namespaceKind(client: KubernetesClient): ResourceKind {
  return markedObjectKind({
    kind: 'kubernetes:namespace',
    title: (name) => `Namespace ${name}`,
    find: (name, signal) => findNamespace(client, name, signal),
    async remove(name, uid, signal) {
      await client.call({ doing: `delete namespace ${name}`, writes: true, signal }, ({ core }) =>
        core.deleteNamespace({ name, body: { preconditions: { uid }, propagationPolicy: 'Background' } }),
      );
    },
  });
}
