import type { KubernetesObject } from '../cluster.js';
import type { Collection, Store } from '../core/store.js';
import { findKind, type ResourceType } from './resource-types.js';

export interface Change {
  type: ResourceType;
  event: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
  /** The resource version of the change, as a number. */
  version: number;
}

/** How many changes a watch can still ask for; etcd's compaction, in small. */
const HISTORY_LENGTH = 2000;

/**
 * The objects of the cluster: all in memory, every change also on disk. An object handed out or in is never changed in place;
 * whoever wants another value writes a changed copy. Reads cost no copy.
 */
export class ObjectStore {
  readonly #kept: Collection<KubernetesObject>;
  readonly #meta: Collection<number>;
  readonly #objects = new Map<string, { type: ResourceType; object: KubernetesObject }>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version: number;
  /** Changes up to this version are forgotten. */
  #compacted: number;

  constructor(store: Store) {
    this.#kept = store.collection('kubernetes.objects');
    this.#meta = store.collection('kubernetes.meta');
    this.#version = this.#meta.get('resourceVersion') ?? 1;
    this.#compacted = this.#version;
    for (const { key, value } of this.#kept.list()) {
      const type = findKind(value.apiVersion, value.kind);
      if (type) this.#objects.set(key, { type, object: value });
    }
  }

  get version(): number {
    return this.#version;
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(keyOf(type, namespace, name))?.object;
  }

  /** In the order of namespace and name, as the API server lists. */
  list(type: ResourceType, namespace?: string): KubernetesObject[] {
    const found: KubernetesObject[] = [];
    for (const entry of this.#objects.values()) {
      if (entry.type === type && (namespace === undefined || entry.object.metadata.namespace === namespace))
        found.push(entry.object);
    }
    return found.sort(byNamespaceAndName);
  }

  /** Everything in a namespace, of whatever type. */
  inNamespace(namespace: string): { type: ResourceType; object: KubernetesObject }[] {
    return [...this.#objects.values()].filter((entry) => entry.object.metadata.namespace === namespace);
  }

  all(): { type: ResourceType; object: KubernetesObject }[] {
    return [...this.#objects.values()];
  }

  /** Stores the object under a new resource version, and returns it with that. */
  put(type: ResourceType, object: KubernetesObject): KubernetesObject {
    const key = keyOf(type, object.metadata.namespace, object.metadata.name);
    const event = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = this.#stamp(object);
    this.#objects.set(key, { type, object: stored });
    this.#kept.set(key, stored);
    this.#announce({ type, event, object: stored, version: this.#version });
    return stored;
  }

  remove(type: ResourceType, object: KubernetesObject): void {
    const key = keyOf(type, object.metadata.namespace, object.metadata.name);
    if (!this.#objects.delete(key)) return;
    this.#kept.delete(key);
    const last = this.#stamp(object);
    this.#announce({ type, event: 'DELETED', object: last, version: this.#version });
  }

  /** The changes after a version, or undefined where they are forgotten in part. */
  since(version: number): Change[] | undefined {
    if (version < this.#compacted) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  /** Listeners are called after the change is stored, one after the other. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stamp(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    this.#meta.set('resourceVersion', this.#version);
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #announce(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > HISTORY_LENGTH) {
      const forgotten = this.#history.splice(0, HISTORY_LENGTH / 2);
      this.#compacted = forgotten.at(-1)?.version ?? this.#compacted;
    }
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function keyOf(type: ResourceType, namespace: string | undefined, name: string): string {
  return `${type.group}/${type.plural}/${namespace ?? ''}/${name}`;
}

function byNamespaceAndName(a: KubernetesObject, b: KubernetesObject): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
