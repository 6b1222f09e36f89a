import type { V1Namespace } from '@kubernetes/client-node';
import { NamespaceName } from '@slipway/contracts';
import { defineStep, nextLookMs, type StepContext, StepError, type StepResult } from '@slipway/engine';
import { z } from 'zod';
import { FIELD_MANAGER, type KubernetesClient } from './client.js';
import { heldBy } from './held-by.js';
import { describeOwner, isOwned, ownerLabels } from './ownership.js';

const Input = z.strictObject({ name: NamespaceName });
const Output = z.object({ name: z.string() });

/** How long the last holder of the name may take to go. Beyond it a finalizer hangs, and a person must look. */
const TERMINATING_DEADLINE_MS = 5 * 60_000;

/** A namespace of the entity's own. One that stands there already is adopted only where it carries our mark. */
export function namespaceStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:namespace',
    description: 'Creates a namespace, marked as the entity’s own',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ name }) => [{ effect: 'create', kind: 'kubernetes:namespace', externalId: name, title: `Namespace ${name}` }],
    async run(ctx, { name }) {
      const found = await findNamespace(client, name, ctx.signal);
      if (found) return settle(ctx, name, found);
      await ctx.resources.plan({ kind: 'kubernetes:namespace', externalId: name, title: `Namespace ${name}` });
      const made = await createNamespace(client, ctx, name);
      return settle(ctx, name, made);
    },
  });
}

export function findNamespace(client: KubernetesClient, name: string, signal: AbortSignal): Promise<V1Namespace | undefined> {
  return client.find({ doing: `look at namespace ${name}`, signal }, ({ core }) => core.readNamespace({ name }));
}

/**
 * By POST, not by apply: an apply would take over a namespace that somebody made since we looked.
 * Where somebody did, theirs is the answer.
 */
async function createNamespace(client: KubernetesClient, ctx: StepContext, name: string): Promise<V1Namespace> {
  const doing = `create namespace ${name}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: ownerLabels(ctx.mark) } };
  try {
    return await client.call({ doing, writes: true, signal: ctx.signal }, ({ core }) =>
      core.createNamespace({ body, fieldManager: FIELD_MANAGER }),
    );
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'kubernetes_already_exists') throw error;
    const theirs = await findNamespace(client, name, ctx.signal);
    if (theirs) return theirs;
    throw new StepError('retry', 'kubernetes_changed_meanwhile', `Namespace ${name} came and went while we tried to create it.`, {
      remedy: 'It is tried again. If it goes on, see who else uses this name.',
    });
  }
}

async function settle(ctx: StepContext, name: string, found: V1Namespace): Promise<StepResult<z.infer<typeof Output>>> {
  if (found.metadata?.deletionTimestamp) return waitForTheName(ctx, name, found);
  if (!isOwned(found, ctx.mark)) {
    throw new StepError(
      'fatal',
      'kubernetes_namespace_taken',
      `Namespace ${name} exists and is not ours: ${describeOwner(found)}.`,
      {
        remedy: 'Choose another namespace, or ask its owner to remove it.',
      },
    );
  }
  const resource = { kind: 'kubernetes:namespace', externalId: name };
  await ctx.resources.plan({ ...resource, title: `Namespace ${name}` });
  await ctx.resources.created({ ...resource, properties: { name } });
  ctx.log.info(`Namespace ${name} is there.`);
  return { output: { name } };
}

function waitForTheName(ctx: StepContext, name: string, found: V1Namespace): { wait: { afterMs: number; reason: string } } {
  const reason = `Namespace ${name} is still being deleted${heldBy(found)}`;
  if (ctx.clock.now().getTime() - ctx.startedAt.getTime() > TERMINATING_DEADLINE_MS) {
    throw new StepError('fatal', 'kubernetes_namespace_taken', `${reason} (for over five minutes now).`, {
      remedy: `See in its status what holds it (kubectl get namespace ${name} -o yaml), or choose another namespace.`,
    });
  }
  return { wait: { afterMs: nextLookMs(ctx), reason } };
}
