import { z } from 'zod';
import type { KubernetesObject } from '../cluster.js';
import { isClusterScoped } from './identity.js';
import { type ImageOverride, imageParts } from './kustomize-settings.js';

const Labels = z.record(z.string(), z.coerce.string());

/** As far as the sandbox builds it. */
export const Kustomization = z.object({
  resources: z.array(z.string()).nullish(),
  namespace: z.string().optional(),
  images: z
    .array(
      z.object({
        name: z.string(),
        newName: z.string().optional(),
        newTag: z.coerce.string().optional(),
        digest: z.string().optional(),
      }),
    )
    .default([]),
  commonLabels: Labels.optional(),
  labels: z
    .array(
      z.object({
        pairs: Labels.default({}),
        includeSelectors: z.boolean().default(false),
        includeTemplates: z.boolean().default(false),
      }),
    )
    .default([]),
});
export type Kustomization = z.infer<typeof Kustomization>;

const BUILT = ['apiVersion', 'kind', 'metadata', ...Object.keys(Kustomization.shape)];
/** Of the kustomize that Argo CD 3.6 brings. */
const KNOWN = new Set([
  ...BUILT, 'bases', 'buildMetadata', 'commonAnnotations', 'components', 'configMapGenerator', 'configurations', 'crds', 'generatorOptions',
  'generators', 'helmCharts', 'helmChartInflationGenerator', 'helmGlobals', 'imageTags', 'namePrefix', 'nameSuffix', 'openapi', 'patches',
  'patchesJson6902', 'patchesStrategicMerge', 'replacements', 'replicas', 'secretGenerator', 'sortOptions', 'transformers', 'validators', 'vars',
]);

/** What is wrong with the fields of a kustomization, in kustomize's words; what it knows and we do not, in ours. */
export function fieldProblem(fields: Record<string, unknown>): string | undefined {
  const names = Object.keys(fields);
  const unknown = names.find((name) => !KNOWN.has(name));
  if (unknown) return `invalid Kustomization: json: unknown field "${unknown}"`;
  const missing = names.filter((name) => !BUILT.includes(name));
  if (missing.length > 0) return `the sandbox's kustomize does not build ${missing.join(', ')}`;
  return undefined;
}

/** What the kustomization makes of an object that it lists. */
export function transform(object: KubernetesObject, { namespace, images, commonLabels, labels }: Kustomization): KubernetesObject {
  const made = structuredClone(object);
  if (namespace !== undefined && !isClusterScoped(made.kind)) made.metadata.namespace = namespace;
  for (const { pairs, includeSelectors, includeTemplates } of labels) {
    addLabels(made, pairs, { selectors: includeSelectors, templates: includeSelectors || includeTemplates });
  }
  if (commonLabels) addLabels(made, commonLabels, { selectors: true, templates: true });
  replaceImages(made, images);
  return made;
}

interface Workload {
  selector?: Record<string, unknown> & { matchLabels?: Record<string, string> };
  template?: { metadata?: { labels?: Record<string, string> } };
  jobTemplate?: { spec?: Workload };
}

const SELECTING = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);

/** Where kustomize puts labels: the object, and on demand the pods that it makes and the selectors that find them. */
export function addLabels(
  object: KubernetesObject,
  labels: Record<string, string>,
  { selectors, templates }: { selectors: boolean; templates: boolean },
): void {
  object.metadata.labels = { ...object.metadata.labels, ...labels };
  const spec = object['spec'] as Workload | undefined;
  if (!spec) return;
  const workload = spec.jobTemplate?.spec ?? spec;
  if (templates && workload.template) {
    workload.template.metadata = { ...workload.template.metadata, labels: { ...workload.template.metadata?.labels, ...labels } };
  }
  if (!selectors) return;
  if (object.kind === 'Service' && spec.selector) spec.selector = { ...spec.selector, ...labels };
  if (SELECTING.has(object.kind)) {
    spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, ...labels } };
  }
}

/** Every `containers` and `initContainers`, wherever they are. */
export function replaceImages(value: unknown, overrides: readonly ImageOverride[]): void {
  if (overrides.length === 0 || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) replaceImages(item, overrides);
    return;
  }
  for (const [key, field] of Object.entries(value)) {
    if ((key === 'containers' || key === 'initContainers') && Array.isArray(field)) {
      for (const container of field as { image?: string }[]) {
        if (typeof container.image === 'string') container.image = overridden(container.image, overrides);
      }
    }
    replaceImages(field, overrides);
  }
}

function overridden(image: string, overrides: readonly ImageOverride[]): string {
  const parts = imageParts(image);
  const override = overrides.findLast(({ name }) => name === parts.name);
  if (!override) return image;
  const name = override.newName ?? parts.name;
  if (override.digest !== undefined) return `${name}@${override.digest}`;
  if (override.newTag !== undefined) return `${name}:${override.newTag}`;
  return `${name}${parts.tag !== undefined ? `:${parts.tag}` : ''}${parts.digest !== undefined ? `@${parts.digest}` : ''}`;
}
