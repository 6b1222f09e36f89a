import { type KubernetesObject, PatchStrategy } from '@kubernetes/client-node';
import { FIELD_MANAGER, type KubernetesClient } from './client.js';
import { type ObjectIdentity, titleOf } from './object-identity.js';

/**
 * The object, ready for our next apply. What a POST set belongs to our manager by update, which an apply takes for another
 * manager's: it could change none of it. So that entry becomes one of apply, as `kubectl apply --server-side` does on its first
 * use (kubernetes/client-go, util/csaupgrade).
 */
export async function asApplied<T extends KubernetesObject>(
  client: KubernetesClient,
  identity: ObjectIdentity,
  found: T,
  signal: AbortSignal,
): Promise<T> {
  const owners = found.metadata?.managedFields ?? [];
  const ours = owners.map(({ manager, subresource }) => manager === FIELD_MANAGER && !subresource);
  const posted = owners.findIndex(({ operation }, index) => ours[index] && operation === 'Update');
  const isApplied = owners.some(({ operation }, index) => ours[index] && operation === 'Apply');
  if (posted === -1 || isApplied) return found;
  const body = [
    { op: 'replace', path: `/metadata/managedFields/${posted}/operation`, value: 'Apply' },
    // Anybody's change since our look is a conflict, and we look again.
    { op: 'replace', path: '/metadata/resourceVersion', value: found.metadata?.resourceVersion },
  ];
  const { apiVersion, kind, namespace, name } = identity;
  const place = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
  const call = { doing: `take ${titleOf(identity)} into server-side apply`, writes: true, confidential: kind === 'Secret', signal };
  const how = { as: PatchStrategy.JsonPatch, body, fieldManager: FIELD_MANAGER };
  return client.call(call, async ({ objects }) => (await objects.write(place, how)) as T);
}
