import type { ResourceKind } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import { markedObjectKind } from './marked-object-kind.js';
import { findSecret } from './owned-secret.js';

/** External id: NAMESPACE/NAME. */
export function secretKind(client: KubernetesClient): ResourceKind {
  return markedObjectKind({
    kind: 'kubernetes:secret',
    title: (id) => `Secret ${id}`,
    find: (id, signal) => findSecret(client, partsOf(id), signal),
    async remove(id, uid, signal) {
      const { namespace, name } = partsOf(id);
      await client.call({ doing: `delete secret ${id}`, writes: true, signal }, ({ core }) =>
        core.deleteNamespacedSecret({ namespace, name, body: { preconditions: { uid } } }),
      );
    },
  });
}

function partsOf(id: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = id.split('/');
  return { namespace, name };
}
