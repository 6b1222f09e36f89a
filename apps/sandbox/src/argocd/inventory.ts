import { type Cluster, ClusterError, type KubernetesObject } from '../cluster.js';
import type { Collection, Store } from '../core/store.js';
import { trackedBy } from './target-state.js';

export interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** What each application has put into the cluster, so that what its manifests no longer name can be found again. */
export class Inventory {
  readonly #entries: Collection<ObjectReference[]>;

  constructor(
    store: Store,
    private readonly cluster: Cluster,
  ) {
    this.#entries = store.collection('argocd.inventory');
  }

  add(application: string, object: KubernetesObject): void {
    const kept = this.#entries.get(application) ?? [];
    const reference = referenceTo(object);
    if (kept.some((other) => sameObject(other, reference))) return;
    this.#entries.set(application, [...kept, reference]);
  }

  /** Those objects that are there and still carry the application's mark. */
  live(application: string): KubernetesObject[] {
    const objects: KubernetesObject[] = [];
    for (const reference of this.#entries.get(application) ?? []) {
      const object = read(this.cluster, reference);
      if (object && trackedBy(object) === application) objects.push(object);
    }
    return objects;
  }

  forget(application: string): void {
    this.#entries.delete(application);
  }

  clear(): void {
    this.#entries.clear();
  }
}

export function referenceTo(object: KubernetesObject): ObjectReference {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace !== undefined && { namespace }) };
}

export function sameObject(a: ObjectReference, b: ObjectReference): boolean {
  return a.apiVersion === b.apiVersion && a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}

export function liveOf(cluster: Cluster, object: KubernetesObject): KubernetesObject | undefined {
  return read(cluster, referenceTo(object));
}

/** Of a kind that the cluster does not serve there is nothing; that it does not serve it shows when it is applied. */
function read(cluster: Cluster, { apiVersion, kind, namespace, name }: ObjectReference): KubernetesObject | undefined {
  try {
    return cluster.get(apiVersion, kind, namespace, name);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return undefined;
    throw error;
  }
}
