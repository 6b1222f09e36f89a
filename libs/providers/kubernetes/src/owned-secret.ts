import { PatchStrategy, setHeaderOptions, type V1Secret } from '@kubernetes/client-node';
import { type StepContext, StepError } from '@slipway/engine';
import { FIELD_MANAGER, type KubernetesClient } from './client.js';
import { describeOwner, isOwned, ownerLabels } from './ownership.js';

interface Place {
  namespace: string;
  name: string;
}

export function findSecret(client: KubernetesClient, { namespace, name }: Place, signal?: AbortSignal): Promise<V1Secret | undefined> {
  const call = { doing: `look at secret ${namespace}/${name}`, ...(signal && { signal }) };
  return client.find(call, ({ core }) => core.readNamespacedSecret({ namespace, name }));
}

/** Of a Secret, in the ledger and in what a step foresees. */
export function secretResource({ namespace, name }: Place): { kind: string; externalId: string; title: string } {
  const id = `${namespace}/${name}`;
  return { kind: 'kubernetes:secret', externalId: id, title: `Secret ${id}` };
}

/**
 * The secret that stands there, ours, or a new one with these values. Born by POST, so that no retry, however late, replaces
 * a value that somebody has started with. Plans its row first.
 */
export async function ensureSecret(
  client: KubernetesClient,
  ctx: StepContext,
  place: Place,
  birth: () => Promise<Pick<V1Secret, 'type' | 'data'>>,
): Promise<V1Secret> {
  const resource = secretResource(place);
  const id = resource.externalId;
  const found = await findSecret(client, place, ctx.signal);
  if (found) refuseForeign(ctx, id, found);
  else await refuseLost(ctx, id);
  await ctx.resources.plan(resource);
  if (found) return found;
  const secret = await createSecret(client, ctx, place, await birth());
  refuseForeign(ctx, id, secret);
  return secret;
}

/** Where somebody else was faster, theirs is the answer. */
async function createSecret(
  client: KubernetesClient,
  ctx: StepContext,
  place: Place,
  content: Pick<V1Secret, 'type' | 'data'>,
): Promise<V1Secret> {
  const { namespace, name } = place;
  const id = `${namespace}/${name}`;
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: ownerLabels(ctx.mark) }, ...content };
  try {
    return await client.call({ doing: `create secret ${id}`, writes: true, confidential: true, signal: ctx.signal }, ({ core }) =>
      core.createNamespacedSecret({ namespace, body, fieldManager: FIELD_MANAGER }),
    );
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'kubernetes_already_exists') throw error;
    const theirs = await findSecret(client, place, ctx.signal);
    if (theirs) return theirs;
    throw new StepError('retry', 'kubernetes_changed_meanwhile', `Secret ${id} came and went while we tried to create it.`, {
      remedy: 'It is tried again. If it goes on, see who else uses this name.',
    });
  }
}

function refuseForeign(ctx: StepContext, id: string, secret: V1Secret): void {
  if (isOwned(secret, ctx.mark)) return;
  throw new StepError('fatal', 'kubernetes_secret_taken', `Secret ${id} exists and is not ours: ${describeOwner(secret)}.`, {
    remedy: 'Choose another name for the secret, or have its owner remove it.',
  });
}

/** With the path by which a reference names its values: `kubernetes:PATH#KEY`. */
export function secretCreated(ctx: StepContext, place: Place): Promise<void> {
  const { kind, externalId } = secretResource(place);
  return ctx.resources.created({ kind, externalId, properties: { path: externalId } });
}

/** Made anew it would hold other values than those that whatever uses it was started with. */
async function refuseLost(ctx: StepContext, id: string): Promise<void> {
  const standing = await ctx.resources.standing();
  const row = standing.find(({ kind, externalId }) => kind === 'kubernetes:secret' && externalId === id);
  if (row?.state !== 'CREATED') return;
  throw new StepError('fatal', 'kubernetes_secret_lost', `Secret ${id} was created before and is gone: somebody deleted it.`, {
    remedy: 'Restore it with its values, or undo or delete what was created with it and begin anew. It is never generated again.',
  });
}

/**
 * Server-side apply as our own manager: a key that somebody else set is a conflict naming them. The uid keeps it from
 * making the secret anew, without its generated values, where it has gone since we looked.
 */
export async function applyData(
  client: KubernetesClient,
  ctx: StepContext,
  { namespace, name }: Place,
  secret: V1Secret,
  data: Record<string, string>,
): Promise<void> {
  if (Object.keys(data).length === 0) return;
  const uid = secret.metadata?.uid;
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...(uid && { uid }), labels: ownerLabels(ctx.mark) },
    ...(secret.type && { type: secret.type }),
    data,
  };
  const call = { doing: `fill secret ${namespace}/${name}`, writes: true, confidential: true, signal: ctx.signal };
  await client.call(call, ({ core }) =>
    core.patchNamespacedSecret(
      { namespace, name, body, fieldManager: FIELD_MANAGER },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    ),
  );
}

export function encode(value: string): string {
  return Buffer.from(value).toString('base64');
}
