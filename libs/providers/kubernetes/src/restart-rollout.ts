import { type KubernetesObject, PatchStrategy } from '@kubernetes/client-node';
import { NamespaceName } from '@slipway/contracts';
import { defineStep, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { KubernetesClient } from './client.js';
import { externalIdOf, type ObjectIdentity, titleOf } from './object-identity.js';
import { objectKindName } from './object-kind.js';
import { ObjectName } from './object-name.js';
import { requireOurs } from './require-ours.js';

const Input = z.strictObject({
  namespace: NamespaceName,
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet']).default('Deployment'),
  name: ObjectName,
});

const Output = z.object({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  /** RFC 3339. */
  restartedAt: z.string(),
});

/** What `kubectl rollout restart` writes; a manager of its own, so that `kubernetes:apply` does not take it away again. */
const ANNOTATION = 'kubectl.kubernetes.io/restartedAt';
const MANAGER = 'slipway-restart';

const Restartable = z.object({
  spec: z.object({
    paused: z.boolean().optional(),
    template: z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }).optional() }),
  }),
});

/** Done once the cluster was told; `kubernetes:wait` for the same object, `for: replaced`, ends when every pod is a new one. */
export function restartRolloutStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:rollout:restart',
    description: 'Replaces the pods of a workload by new ones, a few at a time',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const identity = { apiVersion: 'apps/v1', ...input, kind: input.kind ?? 'Deployment' };
      return [{ effect: 'change', kind: objectKindName, externalId: externalIdOf(identity), title: titleOf(identity) }];
    },
    async run(ctx, input) {
      const identity = { apiVersion: 'apps/v1', ...input };
      const found = await requireOurs(client, ctx, identity);
      const { spec } = Restartable.parse(found);
      if (spec.paused) throw paused(identity);
      // The same at every attempt of this step, so that no retry restarts once more.
      const wanted = ctx.startedAt.toISOString().replace(/\.\d+Z$/, 'Z');
      const current = spec.template.metadata?.annotations?.[ANNOTATION];
      const isDone = current !== undefined && Date.parse(current) >= Date.parse(wanted);
      if (!isDone) await annotate(client, ctx, identity, found, wanted);
      const restartedAt = isDone ? current : wanted;
      ctx.log.info(`${titleOf(identity)} restarts its pods, as of ${restartedAt}.`);
      return { output: { ...input, restartedAt } };
    },
  });
}

async function annotate(
  client: KubernetesClient,
  ctx: StepContext,
  identity: ObjectIdentity,
  found: KubernetesObject,
  at: string,
): Promise<void> {
  const { apiVersion, kind, namespace = '', name } = identity;
  const uid = found.metadata?.uid;
  const body = {
    metadata: { ...(uid && { uid }) },
    spec: { template: { metadata: { annotations: { [ANNOTATION]: at } } } },
  };
  const call = { doing: `restart ${titleOf(identity)}`, writes: true, signal: ctx.signal };
  await client.call(call, ({ objects }) =>
    objects.write(
      { apiVersion, kind, metadata: { namespace, name } },
      { as: PatchStrategy.StrategicMergePatch, body, fieldManager: MANAGER },
    ),
  );
}

function paused(identity: ObjectIdentity): StepError {
  return new StepError('fatal', 'kubernetes_rollout_paused', `Could not restart ${titleOf(identity)}: its rollout is paused.`, {
    remedy: `Resume it (kubectl -n ${identity.namespace} rollout resume deployment ${identity.name}), then retry.`,
  });
}
