import type { KubernetesObject } from '@kubernetes/client-node';
import { type Removal, type ResourceContext, type ResourceKind, StepError } from '@slipway/engine';
import { heldBy } from './held-by.js';
import { describeOwner, isOwned } from './ownership.js';

interface MarkedObject<T extends KubernetesObject> {
  kind: string;
  /** As sentences name it: `Namespace shop`. */
  title(externalId: string): string;
  find(externalId: string, signal: AbortSignal): Promise<T | undefined>;
  /** Must name the uid as a precondition: between our look and the call another may have taken the name. */
  remove(externalId: string, uid: string, signal: AbortSignal): Promise<void>;
}

/** How often to ask whether something that is terminating is gone. */
const ASK_AGAIN_MS = 1_000;

/** A resource kind for an object that carries the owner's label. */
export function markedObjectKind<T extends KubernetesObject>(object: MarkedObject<T>): ResourceKind {
  return {
    kind: object.kind,
    async observe(ctx, { externalId }) {
      const found = await object.find(externalId, ctx.signal);
      if (!found) return { exists: false };
      const detail = found.metadata?.deletionTimestamp ? { detail: 'is being deleted' } : {};
      return { exists: true, owned: isOwned(found, ctx.mark), ...detail };
    },
    async remove(ctx, { externalId }) {
      const found = await object.find(externalId, ctx.signal);
      if (!found) return { outcome: 'absent' };
      const title = object.title(externalId);
      if (!isOwned(found, ctx.mark)) return { outcome: 'foreign', note: `${title} is not ours: ${describeOwner(found)}.` };
      if (found.metadata?.deletionTimestamp) return pending(title, found);
      await removeOnce(object, ctx, externalId, found);
      const left = await object.find(externalId, ctx.signal);
      return left ? pending(title, left) : { outcome: 'removed' };
    },
  };
}

async function removeOnce<T extends KubernetesObject>(
  object: MarkedObject<T>,
  ctx: ResourceContext,
  externalId: string,
  found: T,
): Promise<void> {
  try {
    await object.remove(externalId, found.metadata?.uid ?? '', ctx.signal);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'kubernetes_not_found') throw error;
  }
}

function pending(title: string, left: KubernetesObject): Removal {
  return { outcome: 'pending', afterMs: ASK_AGAIN_MS, reason: `${title} is being deleted${heldBy(left)}` };
}
