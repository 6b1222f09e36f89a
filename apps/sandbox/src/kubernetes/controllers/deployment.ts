import type { KubernetesObject } from '../../cluster.js';
import { createObject } from '../create-object.js';
import { deleteObject } from '../delete-object.js';
import { at, isObject, numberAt, textAt, textMapAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import { writeObject, type Api } from '../write-object.js';
import { reportDeployment } from './deployment-status.js';
import { recordEvent } from './events.js';
import { controlledBy, ownerReference, templateHash } from './owned-pods.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

const BY = { fieldManager: 'kube-controller-manager' };
const REVISION = 'deployment.kubernetes.io/revision';

/** One ReplicaSet for each version of the template; the newest grows and the older ones shrink as the strategy allows. */
export function reconcileDeployment(
  { api, requeue }: ControllerContext,
  _key: ObjectKey,
  object: KubernetesObject | undefined,
): void {
  if (!object || object.metadata.deletionTimestamp !== undefined) return;
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const hash = templateHash(object);
  const sets = controlledBy(api, object, 'ReplicaSet');
  const paused = at(object, 'spec', 'paused') === true;
  const known = sets.find((set) => set.metadata.labels?.['pod-template-hash'] === hash);
  const current = known ?? (paused ? undefined : createSet(api, object, hash, nextRevision(sets)));
  if (current) {
    const old = sets.filter((set) => set.metadata.uid !== current.metadata.uid);
    markRevision(api, object, current, old);
    if (!paused) roll(api, object, current, old, wanted);
    cleanUp(api, object, old);
  }
  const now = controlledBy(api, object, 'ReplicaSet');
  const due = reportDeployment(api, object, now.find((set) => set.metadata.uid === current?.metadata.uid), now, wanted);
  if (due !== undefined) requeue(object, due);
}

function createSet(api: Api, deployment: KubernetesObject, hash: string, revision: number): KubernetesObject {
  const template = at(deployment, 'spec', 'template') as { metadata?: { labels?: Record<string, string> } };
  const labels = { ...template.metadata?.labels, 'pod-template-hash': hash };
  const set: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      labels,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...textMapAt(deployment, 'spec', 'selector', 'matchLabels'), 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  return createObject(api, typeOf('ReplicaSet'), deployment.metadata.namespace, set, BY);
}

/** Rolled back to, an old version is the newest again. */
function markRevision(api: Api, deployment: KubernetesObject, current: KubernetesObject, old: KubernetesObject[]): void {
  const newest = Math.max(0, ...old.map(revisionOf));
  const revision = revisionOf(current) > newest ? revisionOf(current) : newest + 1;
  if (revisionOf(current) !== revision) annotate(api, 'ReplicaSet', latest(api, current), String(revision));
  if (deployment.metadata.annotations?.[REVISION] !== String(revision)) annotate(api, 'Deployment', deployment, String(revision));
}

function annotate(api: Api, kind: string, object: KubernetesObject, revision: string): void {
  const annotations = { ...object.metadata.annotations, [REVISION]: revision };
  writeObject(api, typeOf(kind), object, { ...object, metadata: { ...object.metadata, annotations } }, BY);
}

function roll(api: Api, deployment: KubernetesObject, current: KubernetesObject, old: KubernetesObject[], wanted: number): void {
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') {
    for (const set of old) scale(api, deployment, set, 0);
    if (old.every((set) => (numberAt(set, 'status', 'replicas') ?? 0) === 0)) scale(api, deployment, current, wanted);
    return;
  }
  const { surge, unavailable } = bounds(deployment, wanted);
  const size = numberAt(current, 'spec', 'replicas') ?? 0;
  const total = size + sum(old, (set) => numberAt(set, 'spec', 'replicas') ?? 0);
  const grown = size > wanted ? wanted : Math.min(wanted, size + Math.max(0, wanted + surge - total));
  scale(api, deployment, current, grown);
  let removable = sum([current, ...old], available) - (wanted - unavailable);
  for (const set of old) {
    const replicas = numberAt(set, 'spec', 'replicas') ?? 0;
    // What is not available keeps nobody waiting: it goes first, and costs nothing.
    const sick = Math.max(0, replicas - available(set));
    const healthy = Math.min(available(set), Math.max(0, removable));
    removable -= healthy;
    scale(api, deployment, set, replicas - sick - healthy);
  }
}

/** How many more than wanted there may be for a while, and how many fewer available. */
function bounds(deployment: KubernetesObject, wanted: number): { surge: number; unavailable: number } {
  const given = at(deployment, 'spec', 'strategy', 'rollingUpdate');
  const surge = share(at(given, 'maxSurge') ?? '25%', wanted, Math.ceil);
  const unavailable = share(at(given, 'maxUnavailable') ?? '25%', wanted, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function share(given: unknown, of: number, round: (value: number) => number): number {
  return typeof given === 'string' && given.endsWith('%') ? round((parseFloat(given) / 100) * of) : Number(given);
}

function scale(api: Api, deployment: KubernetesObject, set: KubernetesObject, replicas: number): void {
  const now = latest(api, set);
  const before = numberAt(now, 'spec', 'replicas') ?? 0;
  if (before === replicas) return;
  const spec = isObject(now['spec']) ? now['spec'] : {};
  writeObject(api, typeOf('ReplicaSet'), now, { ...now, spec: { ...spec, replicas } }, BY);
  const direction = replicas > before ? 'up' : 'down';
  recordEvent(api, deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`);
}

/** Versions kept to go back to, beyond those still running. */
function cleanUp(api: Api, deployment: KubernetesObject, old: KubernetesObject[]): void {
  const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
  const idle = old.filter((set) => numberAt(set, 'spec', 'replicas') === 0 && (numberAt(set, 'status', 'replicas') ?? 0) === 0);
  for (const set of idle.sort((a, b) => revisionOf(b) - revisionOf(a)).slice(limit)) {
    deleteObject(api, typeOf('ReplicaSet'), set.metadata.namespace, set.metadata.name);
  }
}

function latest(api: Api, set: KubernetesObject): KubernetesObject {
  return api.objects.get(typeOf('ReplicaSet'), set.metadata.namespace, set.metadata.name) ?? set;
}

function nextRevision(sets: KubernetesObject[]): number {
  return Math.max(0, ...sets.map(revisionOf)) + 1;
}

function revisionOf(set: KubernetesObject): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}

function available(set: KubernetesObject): number {
  return numberAt(set, 'status', 'availableReplicas') ?? 0;
}

function sum(sets: KubernetesObject[], count: (set: KubernetesObject) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}
