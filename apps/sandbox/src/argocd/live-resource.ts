import type { Cluster, KubernetesObject } from '../cluster.js';
import type { Application } from './application.js';
import { ArgoError } from './errors.js';
import { groupOf } from './identity.js';
import type { Inventory } from './inventory.js';
import { textOf } from './managed-resources.js';
import { treeObjects } from './resource-tree.js';

interface Wanted {
  group: string | undefined;
  kind: string | undefined;
  namespace: string | undefined;
  resourceName: string | undefined;
}

/** One object of the tree as it is in the cluster. @throws ArgoError InvalidArgument for what is no part of the application. */
export function liveResource(application: Application, wanted: Wanted, cluster: Cluster, inventory: Inventory): object {
  const { group = '', kind = '', resourceName = '', namespace = '' } = wanted;
  const isWanted = (object: KubernetesObject): boolean =>
    object.kind === kind &&
    object.metadata.name === resourceName &&
    groupOf(object.apiVersion) === group &&
    (object.metadata.namespace ?? '') === namespace;
  const found = treeObjects(application, cluster, inventory).find(isWanted);
  if (found) return { manifest: textOf(found) };
  const message = `${kind} ${group} ${resourceName} not found as part of application ${application.metadata.name}`;
  throw new ArgoError('InvalidArgument', message);
}
