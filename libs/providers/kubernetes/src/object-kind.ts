import type { ResourceKind } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import { findObject } from './find-object.js';
import { markedObjectKind } from './marked-object-kind.js';
import { parseExternalId, titleOf } from './object-identity.js';

export const objectKindName = 'kubernetes:object';

/** What `kubernetes:apply` made. External id: `apps/v1 Deployment shop/web`. What it owns goes first, so that gone means gone. */
export function objectKind(client: KubernetesClient): ResourceKind {
  return markedObjectKind({
    kind: objectKindName,
    title: (id) => titleOf(parseExternalId(id)),
    find: (id, signal) => findObject(client, parseExternalId(id), signal),
    async remove(id, uid, signal) {
      const { apiVersion, kind, namespace, name } = parseExternalId(id);
      const object = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
      const how = { preconditions: { uid }, propagationPolicy: 'Foreground' };
      await client.call({ doing: `delete ${titleOf(parseExternalId(id))}`, writes: true, signal }, ({ objects }) =>
        objects.delete(object, undefined, undefined, undefined, undefined, undefined, how),
      );
    },
  });
}
