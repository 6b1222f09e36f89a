import { NamespaceName } from '@slipway/contracts';
import { defineStep, Duration, nextLookMs, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { KubernetesClient } from './client.js';
import { endingPods } from './ending-pods.js';
import { findObject } from './find-object.js';
import { ApiVersion, Kind } from './object-identity.js';
import { ObjectName } from './object-name.js';
import { Pod, podTrouble } from './pod-trouble.js';
import { podsOf } from './pods-of.js';
import { missingFor, WatchedObject } from './readiness.js';

const REPLACEABLE = ['Deployment', 'StatefulSet', 'DaemonSet'];

const Input = z
  .strictObject({
    apiVersion: ApiVersion,
    kind: Kind,
    namespace: NamespaceName,
    name: ObjectName,
    /** `replaced`: ready, and no pod that it has replaced still ends its requests. */
    for: z.enum(['ready', 'replaced', 'exists', 'deleted']).default('ready'),
    /** From the step's first attempt. */
    deadline: Duration.prefault('10m'),
  })
  .refine((input) => input.for !== 'replaced' || REPLACEABLE.includes(input.kind), {
    path: ['for'],
    message: `replaced is for a ${REPLACEABLE.join(', ')}`,
  });
type Input = z.infer<typeof Input>;

const Output = z.object({});

/** So long nobody wonders yet, and most pods are ready before: their troubles are not asked for. */
const UNTROUBLED_MS = 3_000;

/** Waits, holding no worker, until an object is as asked; says meanwhile what is missing. */
export function waitStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:wait',
    description: 'Waits until an object is ready, has replaced its pods, is there, or is gone',
    input: Input,
    output: Output,
    workspace: 'none',
    async run(ctx, input) {
      const missing = await whatIsMissing(client, ctx, input);
      if (missing === null) return { output: {} };
      const waitedMs = ctx.clock.now().getTime() - ctx.startedAt.getTime();
      if (waitedMs < input.deadline) return { wait: { afterMs: nextLookMs(ctx), reason: missing } };
      const describe = `kubectl -n ${input.namespace} describe ${input.kind.toLowerCase()} ${input.name}`;
      const message = `${missing}, after waiting for ${Math.round(waitedMs / 1000)} seconds.`;
      throw new StepError('fatal', 'kubernetes_not_ready', message, {
        remedy: `See its events (${describe}), mend what they name, then retry.`,
      });
    },
  });
}

async function whatIsMissing(client: KubernetesClient, ctx: StepContext, input: Input): Promise<string | null> {
  const title = `${input.kind} ${input.name}`;
  const found = await findObject(client, input, ctx.signal);
  if (input.for === 'deleted') return found ? `${title} still exists` : null;
  if (!found) return `${title} does not exist yet in namespace ${input.namespace}`;
  if (input.for === 'exists') return null;
  const object = WatchedObject.parse(found);
  const missing = missingFor(object);
  if (missing === null) {
    const ending = input.for === 'replaced' ? await endingPods(client, ctx, input, object) : null;
    return ending && `${title} ${ending}`;
  }
  const waitedMs = ctx.clock.now().getTime() - ctx.startedAt.getTime();
  const trouble = waitedMs < UNTROUBLED_MS ? null : await troubleOfPods(client, ctx, input, object);
  return trouble ? `${title} ${missing}: ${trouble}` : `${title} ${missing}`;
}

const Pods = z.array(Pod).catch([]);

/** For the person who watches. Where we may not list pods, the replica count must do. */
async function troubleOfPods(
  client: KubernetesClient,
  ctx: StepContext,
  input: Input,
  object: WatchedObject,
): Promise<string | null> {
  if (Object.keys(object.spec?.selector?.matchLabels ?? {}).length === 0) return null;
  try {
    return podTrouble(Pods.parse(await podsOf(client, ctx, input, object, 20)));
  } catch (error) {
    if (error instanceof StepError && error.classification === 'fatal') return null;
    throw error;
  }
}
