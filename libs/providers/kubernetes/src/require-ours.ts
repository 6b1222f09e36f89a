import type { KubernetesObject } from '@kubernetes/client-node';
import { type StepContext, StepError } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import { findObject } from './find-object.js';
import { findNamespace } from './namespace.js';
import { type ObjectIdentity, titleOf } from './object-identity.js';
import { isOwned } from './ownership.js';

/** The object, which carries our mark or lies in a namespace that does: what Argo CD deploys there carries none. */
export async function requireOurs(client: KubernetesClient, ctx: StepContext, identity: ObjectIdentity): Promise<KubernetesObject> {
  const title = titleOf(identity);
  const found = await findObject(client, identity, ctx.signal);
  if (!found) {
    throw new StepError('fatal', 'kubernetes_not_found', `${title} does not exist.`, {
      remedy: 'Check its name and namespace, and whether it was deployed; then retry the run.',
    });
  }
  if (isOwned(found, ctx.mark)) return found;
  const namespace = identity.namespace && (await findNamespace(client, identity.namespace, ctx.signal));
  if (namespace && isOwned(namespace, ctx.mark)) return found;
  throw new StepError('fatal', 'kubernetes_foreign', `${title} is not ours, and neither is its namespace.`, {
    remedy: 'Name an object in the namespace that was created for this service.',
  });
}
