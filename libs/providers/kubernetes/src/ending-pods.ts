import type { StepContext } from '@slipway/engine';
import { z } from 'zod';
import type { KubernetesClient } from './client.js';
import type { ObjectIdentity } from './object-identity.js';
import { podsOf } from './pods-of.js';
import type { WatchedObject } from './readiness.js';

const Pods = z.array(z.object({ metadata: z.object({ name: z.string(), deletionTimestamp: z.unknown().optional() }) }));

const NAMED = 3;

/**
 * Which pods of a ready workload still finish the requests that they have, in words; null where none does. Its status counts a
 * pod no longer from when its deletion begins, and that lasts through its preStop hook and its grace period.
 */
export async function endingPods(
  client: KubernetesClient,
  ctx: StepContext,
  identity: ObjectIdentity,
  object: WatchedObject,
): Promise<string | null> {
  const pods = Pods.parse(await podsOf(client, ctx, identity, object));
  const names = pods.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  if (names.length === 0) return null;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `is ready, but has pods that have not ended yet: ${names.slice(0, NAMED).join(', ')}${more}`;
}
