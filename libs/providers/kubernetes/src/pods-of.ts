import type { StepContext } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import type { ObjectIdentity } from './object-identity.js';
import type { WatchedObject } from './readiness.js';

/** As the cluster gives them. By labels alone: expressions, which few selectors have, would only leave some of these out. */
export async function podsOf(
  client: KubernetesClient,
  ctx: StepContext,
  { kind, namespace = '', name }: ObjectIdentity,
  { spec }: WatchedObject,
  limit?: number,
): Promise<unknown[]> {
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const call = { doing: `list the pods of ${kind} ${name}`, writes: false, signal: ctx.signal };
  const { items } = await client.call(call, ({ core }) =>
    core.listNamespacedPod({ namespace, labelSelector, ...(limit !== undefined && { limit }) }),
  );
  return items;
}
