import type { KubernetesObject } from '@kubernetes/client-node';
import { StepError } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import { type ObjectIdentity, titleOf } from './object-identity.js';

/** Undefined where there is none, and where the cluster does not serve the kind: its definition may be on the way, or gone. */
export async function findObject(
  client: KubernetesClient,
  identity: ObjectIdentity,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const { apiVersion, kind, namespace, name } = identity;
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  try {
    return await client.find({ doing: `look at ${titleOf(identity)}`, signal }, ({ objects }) =>
      objects.read({ apiVersion, kind, metadata }),
    );
  } catch (error) {
    if (error instanceof StepError && error.code === 'kubernetes_unknown_kind') return undefined;
    throw error;
  }
}
