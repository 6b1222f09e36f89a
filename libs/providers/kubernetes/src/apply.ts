import { type KubernetesObject, PatchStrategy } from '@kubernetes/client-node';
import { NamespaceName } from '@slipway/contracts';
import { defineStep, type ForeseenEffect, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import { asApplied } from './as-applied.js';
import { FIELD_MANAGER, type KubernetesClient } from './client.js';
import { findObject } from './find-object.js';
import { type Manifest, readManifest } from './manifest.js';
import { externalIdOf, ObjectIdentity, titleOf } from './object-identity.js';
import { objectKindName } from './object-kind.js';
import { describeOwner, isOwned, ownerLabels } from './ownership.js';
import { workspaceManifests } from './workspace-manifests.js';

const Input = z
  .strictObject({
    /** Of the objects that name none. */
    namespace: NamespaceName.optional(),
    /** Objects, as a manifest holds them. */
    manifests: z.array(z.looseObject({})).max(200).default([]),
    /** A file of the workspace, or a folder: all YAML and JSON in it. */
    path: z
      .string()
      .regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'must be a path inside the workspace')
      .optional(),
  })
  .refine(({ manifests, path }) => manifests.length > 0 || path !== undefined, 'must give manifests or a path');
type Input = z.infer<typeof Input>;

const Output = z.object({ objects: z.array(ObjectIdentity) });

/**
 * Server-side apply, in the order given. Whether all is ours is looked at before anything is changed, and no field of another
 * manager is taken over. An object that a later run does not name any more stays until it is removed.
 */
export function applyStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:apply',
    description: 'Makes objects in the cluster, or changes those it made before, as manifests say',
    input: Input,
    output: Output,
    workspace: 'read',
    foresee: ({ manifests, namespace }) => foreseen(manifests, namespace),
    async run(ctx, input) {
      const manifests = await gather(client, ctx, input);
      const found = [];
      for (const { identity } of manifests) found.push(await lookAt(client, ctx, identity));
      for (const [index, manifest] of manifests.entries()) await settle(client, ctx, manifest, found[index]);
      ctx.log.info(`Applied ${manifests.map(({ identity }) => titleOf(identity)).join(', ')}.`);
      return { output: { objects: manifests.map(({ identity }) => identity) } };
    },
  });
}

/** Of the objects given inline; what lies in the workspace by then, nobody knows. A list may come from an expression. */
function foreseen(manifests: unknown, fallback: string | undefined): ForeseenEffect[] {
  const identities = (Array.isArray(manifests) ? manifests : []).flatMap((manifest) => {
    const { apiVersion, kind, metadata } = manifest as Record<string, unknown>;
    const { name, namespace = fallback } = (metadata ?? {}) as Record<string, unknown>;
    const identity = ObjectIdentity.safeParse({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) });
    return identity.success ? [identity.data] : [];
  });
  return identities.map((identity) => ({
    ...{ effect: 'create', kind: objectKindName },
    ...{ externalId: externalIdOf(identity), title: titleOf(identity) },
  }));
}

async function gather(client: KubernetesClient, ctx: StepContext, input: Input): Promise<Manifest[]> {
  const inline = input.manifests.map((object, index) => readManifest(object, `manifests[${index}]`));
  const files = input.path === undefined ? [] : await workspaceManifests(ctx.files.workspace, input.path);
  const placed = [];
  for (const manifest of [...inline, ...files]) placed.push(await inPlace(client, ctx, manifest, input.namespace));
  return placed;
}

/** With the namespace that it will lie in, or none where its kind knows none. */
async function inPlace(
  client: KubernetesClient,
  ctx: StepContext,
  { identity, object }: Manifest,
  fallback: string | undefined,
): Promise<Manifest> {
  const { apiVersion, kind, name } = identity;
  const call = { doing: `find out where ${kind} ${name} lies`, writes: false, signal: ctx.signal };
  const isNamespaced = await client.call(call, ({ objects }) => objects.isNamespaced(apiVersion, kind));
  if (!isNamespaced) return { identity: { apiVersion, kind, name }, object };
  const namespace = identity.namespace ?? fallback;
  if (namespace !== undefined) {
    return { identity: { ...identity, namespace }, object: { ...object, metadata: { ...object.metadata, namespace } } };
  }
  throw new StepError('fatal', 'kubernetes_manifest_unreadable', `Could not apply ${kind} ${name}: it names no namespace.`, {
    remedy: 'Set metadata.namespace, or the namespace of the step.',
  });
}

/** The object that stands there, ours; undefined where none does. */
async function lookAt(client: KubernetesClient, ctx: StepContext, identity: ObjectIdentity): Promise<KubernetesObject | undefined> {
  const found = await findObject(client, identity, ctx.signal);
  if (!found) return undefined;
  const title = titleOf(identity);
  if (!isOwned(found, ctx.mark)) {
    throw new StepError('fatal', 'kubernetes_object_taken', `${title} exists and is not ours: ${describeOwner(found)}.`, {
      remedy: 'Choose another name, or have its owner remove it.',
    });
  }
  if (found.metadata?.deletionTimestamp) {
    throw new StepError('retry', 'kubernetes_object_terminating', `${title} is still being deleted.`, {
      retryAfterMs: 2_000,
      remedy: 'It is tried again. If it goes on, see its finalizers for what holds it.',
    });
  }
  return found;
}

async function settle(
  client: KubernetesClient,
  ctx: StepContext,
  manifest: Manifest,
  found: KubernetesObject | undefined,
): Promise<void> {
  const resource = { kind: objectKindName, externalId: externalIdOf(manifest.identity) };
  await ctx.resources.plan({ ...resource, title: titleOf(manifest.identity) });
  const there = found ?? (await createUnlessThere(client, ctx, manifest));
  if (there) await apply(client, ctx, manifest, await asApplied(client, manifest.identity, there, ctx.signal));
  await ctx.resources.created(resource);
}

/**
 * By POST: an apply would take over what somebody made since we looked. Answers what stands there instead, where somebody did
 * and it is ours.
 */
async function createUnlessThere(client: KubernetesClient, ctx: StepContext, manifest: Manifest): Promise<KubernetesObject | undefined> {
  const object = marked(ctx, manifest);
  const call = { doing: `create ${titleOf(manifest.identity)}`, writes: true, signal: ctx.signal };
  try {
    await client.call(call, ({ objects }) => objects.write(object, { as: 'create', body: object, fieldManager: FIELD_MANAGER }));
    return undefined;
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'kubernetes_already_exists') throw error;
    return lookAt(client, ctx, manifest.identity);
  }
}

function marked(ctx: StepContext, { object }: Manifest): KubernetesObject {
  const labels = { ...(object.metadata['labels'] as Record<string, string> | undefined), ...ownerLabels(ctx.mark) };
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** The uid keeps it from making anew, unmarked by any look of ours, what has gone since. */
async function apply(client: KubernetesClient, ctx: StepContext, manifest: Manifest, { metadata }: KubernetesObject): Promise<void> {
  const object = marked(ctx, manifest);
  const body = { ...object, metadata: { ...object.metadata, ...(metadata?.uid && { uid: metadata.uid }) } };
  const call = { doing: `apply ${titleOf(manifest.identity)}`, writes: true, signal: ctx.signal };
  await client.call(call, ({ objects }) =>
    objects.write(object, { as: PatchStrategy.ServerSideApply, body, fieldManager: FIELD_MANAGER }),
  );
}
