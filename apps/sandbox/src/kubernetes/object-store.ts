import type { KubernetesObject } from '../cluster.js';
import type { Collection, Store } from '../core/store.js';
import { withSharedFields } from './managed-fields.js';
import { findKind, RESOURCE_TYPES, type ResourceType } from './resource-types.js';

export interface Change {
  type: ResourceType;
  event: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
  /** The resource version of the change, as a number. */
  version: number;
}

export interface Stored {
  type: ResourceType;
  object: KubernetesObject;
}

/** How many changes a watch can still ask for; etcd's compaction, in small. */
const HISTORY_LENGTH = 2000;
/** Where objects without a namespace lie. */
const CLUSTER = '';

type Shelf = Map<string, Map<string, KubernetesObject>>;

/**
 * The objects of the cluster: all in memory, every change also on disk. An object handed out or in is never changed in place;
 * whoever wants another value writes a changed copy. Reads cost no copy.
 */
export class ObjectStore {
  readonly #kept: Collection<KubernetesObject>;
  readonly #meta: Collection<number>;
  /** By type, then namespace, then name: what controllers ask for is never all there is. */
  readonly #shelves = new Map<ResourceType, Shelf>(RESOURCE_TYPES.map((type) => [type, new Map()]));
  /** Who names an owner, by the owner's uid. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #byKey = new Map<string, Stored>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version: number;
  /** Changes up to this version are forgotten. */
  #compacted: number;

  constructor(store: Store) {
    this.#kept = store.collection('kubernetes.objects');
    this.#meta = store.collection('kubernetes.meta');
    this.#version = this.#meta.get('resourceVersion') ?? 1;
    for (const value of this.#kept.each()) {
      const type = findKind(value.apiVersion, value.kind);
      if (type) this.#place(type, withSharedFields(value));
      this.#version = Math.max(this.#version, Number(value.metadata.resourceVersion));
    }
    this.#compacted = this.#version;
  }

  get version(): number {
    return this.#version;
  }

  /** The oldest version that changes can be asked for from. */
  get compacted(): number {
    return this.#compacted;
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#shelves.get(type)?.get(namespace ?? CLUSTER)?.get(name);
  }

  /** In the order of namespace and name, as the API server lists. */
  list(type: ResourceType, namespace?: string): KubernetesObject[] {
    const shelf = this.#shelves.get(type);
    if (!shelf) return [];
    if (namespace !== undefined) return [...(shelf.get(namespace)?.values() ?? [])].sort(byNamespaceAndName);
    return [...shelf.values()].flatMap((objects) => [...objects.values()]).sort(byNamespaceAndName);
  }

  /** Everything in a namespace, of whatever type. */
  inNamespace(namespace: string): Stored[] {
    return [...this.#shelves].flatMap(([type, shelf]) => [...(shelf.get(namespace)?.values() ?? [])].map((object) => ({ type, object })));
  }

  all(): Stored[] {
    return [...this.#byKey.values()];
  }

  /** Every object that names this one as an owner, wherever it lies. */
  dependentsOf(uid: string): Stored[] {
    const keys = this.#dependents.get(uid) ?? [];
    return [...keys].flatMap((key) => this.#byKey.get(key) ?? []);
  }

  /** Stores the object under a new resource version, and returns it with that. */
  put(type: ResourceType, object: KubernetesObject): KubernetesObject {
    const key = keyOf(type, object);
    const event = this.#byKey.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = this.#stamp(object);
    this.#forget(key);
    this.#place(type, stored);
    this.#kept.set(key, stored);
    this.#announce({ type, event, object: stored, version: this.#version });
    return stored;
  }

  remove(type: ResourceType, object: KubernetesObject): void {
    const key = keyOf(type, object);
    if (!this.#byKey.has(key)) return;
    const last = this.#stamp(object);
    // Every other version is kept with its object.
    this.#meta.set('resourceVersion', this.#version);
    this.#forget(key);
    this.#kept.delete(key);
    this.#announce({ type, event: 'DELETED', object: last, version: this.#version });
  }

  /** The changes after a version, or undefined where they are forgotten in part. */
  since(version: number): Change[] | undefined {
    if (version < this.#compacted) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  /** Forgets all changes up to now, as etcd's compaction does every five minutes. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#version;
  }

  /** Listeners are called after the change is stored, one after the other. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #place(type: ResourceType, object: KubernetesObject): void {
    const shelf = this.#shelves.get(type);
    const namespace = object.metadata.namespace ?? CLUSTER;
    const objects = shelf?.get(namespace) ?? new Map<string, KubernetesObject>();
    shelf?.set(namespace, objects.set(object.metadata.name, object));
    const key = keyOf(type, object);
    this.#byKey.set(key, { type, object });
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const keys = this.#dependents.get(uid) ?? new Set();
      this.#dependents.set(uid, keys.add(key));
    }
  }

  #forget(key: string): void {
    const stored = this.#byKey.get(key);
    if (!stored) return;
    const { type, object } = stored;
    const { namespace = CLUSTER, name, ownerReferences = [] } = object.metadata;
    const shelf = this.#shelves.get(type);
    const objects = shelf?.get(namespace);
    objects?.delete(name);
    if (objects?.size === 0) shelf?.delete(namespace);
    this.#byKey.delete(key);
    for (const { uid } of ownerReferences) {
      const keys = this.#dependents.get(uid);
      keys?.delete(key);
      if (keys?.size === 0) this.#dependents.delete(uid);
    }
  }

  #stamp(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
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

function keyOf(type: ResourceType, { metadata }: KubernetesObject): string {
  return `${type.group}/${type.plural}/${metadata.namespace ?? CLUSTER}/${metadata.name}`;
}

function byNamespaceAndName(a: KubernetesObject, b: KubernetesObject): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
