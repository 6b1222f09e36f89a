import type { KubernetesObject } from '@kubernetes/client-node';
import { z } from 'zod';

const Terminating = z.object({
  metadata: z.object({ finalizers: z.array(z.string()).optional() }).optional(),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') })).optional() }).optional().catch(undefined),
});

/** What keeps something that is being deleted from going, as an end of a sentence; empty where nothing is known to. */
export function heldBy(object: KubernetesObject): string {
  const { metadata, status } = Terminating.catch({}).parse(object);
  // A namespace tells what is left in it, and of what it may not let go; `Namespace…` is the common part of their names.
  const told = (status?.conditions ?? []).filter((condition) => condition.type.startsWith('Namespace') && condition.status === 'True');
  const reasons = told.map(({ message }) => message.trim()).filter(Boolean);
  const finalizers = (metadata?.finalizers ?? []).filter((finalizer) => finalizer !== 'foregroundDeletion');
  if (finalizers.length > 0) reasons.push(`it is held by ${finalizers.join(', ')}`);
  return reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
}
