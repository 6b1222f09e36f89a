import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../cluster.js';
import { at, isObject, listAt } from '../json.js';
import type { Api } from '../write-object.js';

/** The objects of a kind that this object controls, in the order of their names. */
export function controlledBy(api: Api, owner: KubernetesObject, kind: string): KubernetesObject[] {
  const { uid = '' } = owner.metadata;
  return api.objects
    .dependentsOf(uid)
    .map(({ object }) => object)
    .filter((object) => object.kind === kind && object.metadata.ownerReferences?.some((owned) => owned.controller === true && owned.uid === uid))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

export function isReady(pod: KubernetesObject): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    listAt(pod, 'status', 'conditions').some(
      (condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True',
    )
  );
}

/** A pod of the workload's template. Names, labels and spec beyond the template's are the caller's to add. */
export function podOf(
  workload: KubernetesObject,
  name: string,
  extra: { labels?: Record<string, string>; spec?: Record<string, unknown> } = {},
): KubernetesObject {
  const template = at(workload, 'spec', 'template');
  const metadata = at(template, 'metadata');
  const given = isObject(metadata) ? (metadata as { labels?: Record<string, string>; annotations?: Record<string, string> }) : {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { ...given.labels, ...extra.labels },
      ...(given.annotations ? { annotations: given.annotations } : {}),
      ownerReferences: [ownerReference(workload)],
    },
    spec: { ...(at(template, 'spec') as object), ...extra.spec },
  };
}

export function ownerReference(owner: KubernetesObject) {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

/** Tells one version of a template from another. */
export function templateHash(workload: KubernetesObject): string {
  return createHash('sha256')
    .update(JSON.stringify(at(workload, 'spec', 'template')))
    .digest('hex')
    .slice(0, 10);
}
