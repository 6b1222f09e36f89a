import { z } from 'zod';
import { ManifestFailure } from './manifest-failure.js';

export interface ImageOverride {
  name: string;
  newName?: string;
  newTag?: string;
  digest?: string;
}

/** What an application itself sets over its kustomization. */
export interface KustomizeSettings {
  images: ImageOverride[];
  namespace?: string;
  commonLabels?: Record<string, string>;
}

const Settings = z.strictObject({
  images: z.array(z.string()).default([]),
  namespace: z.string().optional(),
  commonLabels: z.record(z.string(), z.string()).optional(),
});

/** @throws ManifestFailure naming a setting that the sandbox does not know. */
export function settingsOf(kustomize: Record<string, unknown> | undefined): KustomizeSettings {
  const parsed = Settings.safeParse(kustomize ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const what = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue?.path.join('.');
    throw new ManifestFailure(`the sandbox does not know the kustomize setting ${what} of an application`);
  }
  const { images, namespace, commonLabels } = parsed.data;
  return { images: images.map(imageOverride), ...(namespace && { namespace }), ...(commonLabels && { commonLabels }) };
}

/** `[NAME=]IMAGE[:TAG|@DIGEST]` */
function imageOverride(text: string): ImageOverride {
  const [, name, image = ''] = /^(?:([^=]+)=)?(.*)$/.exec(text) ?? [];
  const { name: plain, tag, digest } = imageParts(image);
  return {
    name: name ?? plain,
    ...(name !== undefined && { newName: plain }),
    ...(tag !== undefined && { newTag: tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** A colon before the last slash belongs to the registry's port. */
export function imageParts(image: string): { name: string; tag?: string; digest?: string } {
  const [rest = '', digest] = image.split('@', 2);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  const name = colon === -1 ? rest : rest.slice(0, colon);
  return { name, ...(colon !== -1 && { tag: rest.slice(colon + 1) }), ...(digest !== undefined && { digest }) };
}
