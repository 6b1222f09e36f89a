import { z } from 'zod';
import { parseJson } from './classify-error.js';
import type { ArgocdClient, CallContext } from './client.js';

/** `ghcr.io/acme/shop@sha256:…` */
export const PinnedImage = z.string().regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, 'must be an image pinned by its digest');

const Tree = z.object({
  nodes: z
    .array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().default(''), images: z.array(z.string()).nullish() }))
    .nullish(),
});

const Pod = z.object({
  status: z.object({ containerStatuses: z.array(z.object({ image: z.string(), imageID: z.string() })).default([]) }).prefault({}),
});

/**
 * What keeps the pods of an application from running the image, by what the nodes pulled and not by what the manifests name: a
 * tag can have moved. Undefined where every pod with an image of that name runs this one.
 */
export async function otherThanImage(
  argocd: ArgocdClient,
  ctx: CallContext,
  application: { name: string; project: string },
  image: string,
): Promise<string | undefined> {
  const [wantedName = '', digest = ''] = image.split('@');
  const name = withoutTag(wantedName);
  const { nodes } = await argocd.call(ctx, {
    what: `read what the application ${application.name} consists of`,
    method: 'GET',
    path: `/applications/${encodeURIComponent(application.name)}/resource-tree`,
    query: { project: application.project },
    answer: Tree,
  });
  const pods = (nodes ?? []).filter(({ kind, images }) => kind === 'Pod' && images?.some((own) => withoutTag(own) === name));
  if (pods.length === 0) return `no pod runs ${name}`;
  for (const pod of pods) {
    const running = await digestOf(argocd, ctx, application, pod, name);
    if (running !== digest) return `pod ${pod.name} runs ${name} at ${running?.slice(0, 19) ?? 'no known digest'}`;
  }
  return undefined;
}

const Resource = z.object({ manifest: z.string() });

async function digestOf(
  argocd: ArgocdClient,
  ctx: CallContext,
  application: { name: string; project: string },
  pod: { name: string; namespace: string },
  image: string,
): Promise<string | undefined> {
  const { manifest } = await argocd.call(ctx, {
    what: `read pod ${pod.name} of the application ${application.name}`,
    method: 'GET',
    path: `/applications/${encodeURIComponent(application.name)}/resource`,
    query: { project: application.project, kind: 'Pod', version: 'v1', group: '', namespace: pod.namespace, resourceName: pod.name },
    answer: Resource,
  });
  const { containerStatuses } = Pod.parse(parseJson(manifest) ?? {}).status;
  const container = containerStatuses.find((status) => withoutTag(status.image) === image || withoutTag(status.imageID) === image);
  return container?.imageID.split('@')[1];
}

/** Without tag and digest; a colon before the last slash is a port's. `docker-pullable://` is how Docker begins an imageID. */
function withoutTag(image: string): string {
  return image.replace(/^[a-z-]+:\/\//, '').replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}
