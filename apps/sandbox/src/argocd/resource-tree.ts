import type { Cluster, KubernetesObject } from '../cluster.js';
import type { Application } from './application.js';
import { imagesOf } from './compare.js';
import { identityOf } from './identity.js';
import type { Inventory } from './inventory.js';
import { healthOf } from './resource-health.js';

/** Kinds that controllers make for what an application applies. */
const CHILD_KINDS = [
  ['apps/v1', 'ReplicaSet'],
  ['v1', 'Pod'],
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'Secret'],
] as const;

/** What the application applied, and what came of it through owner references. */
export function resourceTree(application: Application, cluster: Cluster, inventory: Inventory): object {
  const tree = treeOf(application, cluster, inventory);
  return { nodes: tree.map(({ object, parent }) => nodeOf(object, parent)), orphanedNodes: [], hosts: [] };
}

export function treeObjects(application: Application, cluster: Cluster, inventory: Inventory): KubernetesObject[] {
  return treeOf(application, cluster, inventory).map(({ object }) => object);
}

interface Branch {
  object: KubernetesObject;
  parent: KubernetesObject | undefined;
}

function treeOf(application: Application, cluster: Cluster, inventory: Inventory): Branch[] {
  const applied = inventory.live(application.metadata.name);
  const namespaces = new Set(applied.flatMap(({ metadata }) => (metadata.namespace ? [metadata.namespace] : [])));
  const candidates = [...namespaces].flatMap((namespace) =>
    CHILD_KINDS.flatMap(([apiVersion, kind]) => cluster.list(apiVersion, kind, namespace)),
  );
  const tree: Branch[] = applied.map((object) => ({ object, parent: undefined }));
  const parents = new Map(applied.map((object) => [object.metadata.uid, object]));
  // Children of children appear after their parents did, so this goes on until a round finds none.
  for (let found = true; found; ) {
    found = false;
    for (const object of candidates) {
      const parent = parentOf(object, parents);
      if (!parent || parents.has(object.metadata.uid)) continue;
      parents.set(object.metadata.uid, object);
      tree.push({ object, parent });
      found = true;
    }
  }
  return tree;
}

function parentOf(child: KubernetesObject, parents: Map<string | undefined, KubernetesObject>): KubernetesObject | undefined {
  for (const owner of child.metadata.ownerReferences ?? []) {
    const parent = parents.get(owner.uid);
    if (parent) return parent;
  }
  return undefined;
}

function nodeOf(object: KubernetesObject, parent: KubernetesObject | undefined) {
  const { resourceVersion, creationTimestamp } = object.metadata;
  const health = healthOf(object);
  const images = imagesOf(object);
  return {
    ...nodeIdentity(object),
    ...(parent && { parentRefs: [nodeIdentity(parent)] }),
    resourceVersion,
    ...(health && { health: { status: health.status, ...(health.message && { message: health.message }) } }),
    ...(images.length > 0 && { images }),
    createdAt: creationTimestamp,
  };
}

/** A node of the tree is a very object, and not one that later bears its name. */
function nodeIdentity(object: KubernetesObject) {
  return { ...identityOf(object), uid: object.metadata.uid };
}
