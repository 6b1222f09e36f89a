import type { ImageRegistry, KubernetesObject } from '../../cluster.js';
import type { Database } from '../../mariadb/database.js';
import type { ServiceAccountTokens } from '../access/service-account-tokens.js';
import type { Change } from '../object-store.js';
import { findKind, typeOf, type ResourceType } from '../resource-types.js';
import type { Api } from '../write-object.js';
import { reconcileClaim } from './claim.js';
import { reconcileDeployment } from './deployment.js';
import { expireEvents, recordEvent } from './events.js';
import { collectGarbage } from './garbage.js';
import { reconcileNamespace } from './namespace.js';
import { reconcilePod } from './pod.js';
import { reconcileReplicaSet } from './replica-set.js';
import { reconcileTokenSecret } from './token-secret.js';
import { reconcileStatefulSet } from './stateful-set.js';
import { WorkQueue } from './work-queue.js';

export interface ControllerContext {
  api: Api;
  database: Database;
  tokens: ServiceAccountTokens;
  /** Absent: every image can be pulled. */
  images: ImageRegistry | undefined;
  /** Has the object looked at again, though nothing about it changed. */
  requeue: (object: KubernetesObject, delayMs: number) => void;
}

export interface ObjectKey {
  namespace: string | undefined;
  name: string;
}

type Reconcile = (context: ControllerContext, key: ObjectKey, object: KubernetesObject | undefined) => void | Promise<void>;

const RECONCILERS: Record<string, Reconcile> = {
  Namespace: reconcileNamespace,
  Deployment: reconcileDeployment,
  ReplicaSet: reconcileReplicaSet,
  StatefulSet: reconcileStatefulSet,
  Pod: reconcilePod,
  PersistentVolumeClaim: reconcileClaim,
  Secret: reconcileTokenSecret,
};

/**
 * The control loops. Each change of an object queues the object, its controller, and what waits for it; each loop then moves the
 * object one step from what is towards what its spec wants. All state is in the objects, so a restart begins by queuing them all.
 */
export function startControllers(world: Omit<ControllerContext, 'requeue'>): { close(): Promise<void> } {
  const { api, database } = world;
  const queue = new WorkQueue(api.clock, work, failed);
  const context: ControllerContext = { ...world, requeue: (object, delayMs) => queue.add(keyOf(object), delayMs) };
  const unsubscribe = api.objects.onChange(queueWhatDepends);
  const stopExpiring = expireEvents(api);
  for (const { type, object } of api.objects.all()) if (type.kind !== 'Event') queue.add(keyOf(object));
  for (const server of database.servers()) queue.add(`apps/v1|StatefulSet|${server.id.replace('/', '|')}`);
  return {
    close: async () => {
      unsubscribe();
      stopExpiring();
      await queue.close();
    },
  };

  async function work(key: string): Promise<void> {
    const { type, namespace, name } = parse(key);
    const object = api.objects.get(type, namespace, name);
    if (object && collectGarbage(api, type, object)) return;
    await RECONCILERS[type.kind]?.(context, { namespace, name }, object);
  }

  function failed(key: string, error: Error): void {
    const { type, namespace, name } = parse(key);
    const object = api.objects.get(type, namespace, name);
    if (object) recordEvent(api, object, 'Warning', 'FailedReconcile', error.message);
  }

  function queueWhatDepends({ type, object, event }: Change): void {
    if (type.kind === 'Event') return;
    queue.add(keyOf(object));
    for (const owner of object.metadata.ownerReferences ?? []) {
      if (!findKind(owner.apiVersion, owner.kind)) continue;
      const namespace = object.metadata.namespace;
      queue.add(
        keyOf({
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          metadata: { name: owner.name, ...(namespace ? { namespace } : {}) },
        }),
      );
    }
    if (type.kind === 'Secret' || type.kind === 'ConfigMap') queueAll('Pod', object.metadata.namespace);
    if (event === 'DELETED') queueDependents(object);
    if (event === 'DELETED' && object.metadata.namespace !== undefined) queueTerminating(object.metadata.namespace);
  }

  function queueAll(kind: string, namespace: string | undefined): void {
    for (const object of api.objects.list(typeOf(kind), namespace)) queue.add(keyOf(object));
  }

  function queueDependents(owner: KubernetesObject): void {
    for (const { object } of api.objects.dependentsOf(owner.metadata.uid ?? '')) queue.add(keyOf(object));
  }

  function queueTerminating(name: string): void {
    const namespace = api.objects.get(typeOf('Namespace'), undefined, name);
    if (namespace?.metadata.deletionTimestamp !== undefined) queue.add(keyOf(namespace));
  }
}

function keyOf(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  return [object.apiVersion, object.kind, object.metadata.namespace ?? '', object.metadata.name].join('|');
}

function parse(key: string): ObjectKey & { type: ResourceType } {
  const [apiVersion = '', kind = '', namespace = '', name = ''] = key.split('|');
  const type = findKind(apiVersion, kind);
  if (!type) throw new TypeError(`No objects of kind ${kind} in version ${apiVersion} are stored here.`);
  return { type, namespace: namespace === '' ? undefined : namespace, name };
}
