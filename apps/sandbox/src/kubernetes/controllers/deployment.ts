import type { KubernetesObject } from '../../cluster.js';
import { createObject } from '../create-object.js';
import { at, isObject, numberAt, textAt, textMapAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import { timestamp, writeObject, type Api } from '../write-object.js';
import { controlledBy, ownerReference, templateHash } from './owned-pods.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

const BY = { fieldManager: 'kube-controller-manager' };

/** One ReplicaSet for each version of the template; the newest is scaled up first, and once it is ready the older ones down. */
export function reconcileDeployment(
  { api, requeue }: ControllerContext,
  _key: ObjectKey,
  object: KubernetesObject | undefined,
): void {
  if (!object || object.metadata.deletionTimestamp !== undefined) return;
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const hash = templateHash(object);
  const sets = controlledBy(api, object, 'ReplicaSet');
  const current = sets.find((set) => set.metadata.labels?.['pod-template-hash'] === hash) ?? createSet(api, object, hash, wanted);
  scale(api, current, wanted);
  const ready = readyOf(current) >= wanted;
  for (const old of sets.filter((set) => set !== current)) if (ready) scale(api, old, 0);
  const due = reportStatus(api, object, current, sets.includes(current) ? sets : [...sets, current], wanted);
  if (due !== undefined) requeue(object, due);
}

function createSet(api: Api, deployment: KubernetesObject, hash: string, replicas: number): KubernetesObject {
  const template = at(deployment, 'spec', 'template') as { metadata?: { labels?: Record<string, string> } };
  const labels = { ...template.metadata?.labels, 'pod-template-hash': hash };
  const set: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${deployment.metadata.name}-${hash}`, labels, ownerReferences: [ownerReference(deployment)] },
    spec: {
      replicas,
      selector: { matchLabels: { ...textMapAt(deployment, 'spec', 'selector', 'matchLabels'), 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  return createObject(api, typeOf('ReplicaSet'), deployment.metadata.namespace, set, BY);
}

function scale(api: Api, set: KubernetesObject, replicas: number): void {
  if (numberAt(set, 'spec', 'replicas') === replicas) return;
  const spec = isObject(set['spec']) ? set['spec'] : {};
  writeObject(api, typeOf('ReplicaSet'), set, { ...set, spec: { ...spec, replicas } }, BY);
}

/** Milliseconds until the rollout would be too slow, while it is under way. */
function reportStatus(
  api: Api,
  deployment: KubernetesObject,
  current: KubernetesObject,
  sets: KubernetesObject[],
  wanted: number,
): number | undefined {
  const sum = (count: (set: KubernetesObject) => number) => sets.reduce((total, set) => total + count(set), 0);
  const updated = numberAt(current, 'status', 'replicas') ?? 0;
  const total = sum((set) => numberAt(set, 'status', 'replicas') ?? 0);
  const ready = sum(readyOf);
  const complete = updated === wanted && total === wanted && readyOf(current) === wanted;
  const { condition, due } = progress(api, deployment, current, complete);
  const availability = ready >= wanted;
  updateStatus(api, typeOf('Deployment'), deployment, {
    observedGeneration: deployment.metadata.generation,
    replicas: total,
    updatedReplicas: updated,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(ready < wanted ? { unavailableReplicas: wanted - ready } : {}),
    conditions: [
      withTimes(api, deployment, {
        type: 'Available',
        status: availability ? 'True' : 'False',
        reason: availability ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: availability ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
      }),
      withTimes(api, deployment, condition),
    ],
  });
  return due;
}

function progress(
  api: Api,
  deployment: KubernetesObject,
  current: KubernetesObject,
  complete: boolean,
): { condition: Condition; due?: number } {
  const name = current.metadata.name;
  if (complete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return { condition: { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message } };
  }
  const since = lastProgress(deployment, name) ?? api.clock.now();
  const due = since + (numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600) * 1000 - api.clock.now();
  if (due <= 0) {
    const message = `ReplicaSet "${name}" has timed out progressing.`;
    return { condition: { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message } };
  }
  const message = `ReplicaSet "${name}" is progressing.`;
  return { condition: { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message }, due };
}

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

function withTimes(api: Api, deployment: KubernetesObject, condition: Condition): Record<string, unknown> {
  const before = findCondition(deployment, condition.type);
  if (before?.['status'] === condition.status && before['reason'] === condition.reason && before['message'] === condition.message)
    return before;
  const lastTransitionTime = before?.['status'] === condition.status ? before['lastTransitionTime'] : timestamp(api);
  return { ...condition, lastUpdateTime: timestamp(api), lastTransitionTime };
}

/** When the rollout of this ReplicaSet last moved, as its condition says. */
function lastProgress(deployment: KubernetesObject, setName: string): number | undefined {
  const condition = findCondition(deployment, 'Progressing');
  const same =
    (textAt(condition, 'message') ?? '').includes(`"${setName}"`) && condition?.['reason'] !== 'NewReplicaSetAvailable';
  return same ? Date.parse(textAt(condition, 'lastUpdateTime') ?? '') : undefined;
}

function findCondition(object: KubernetesObject, type: string): Record<string, unknown> | undefined {
  const conditions = (at(object, 'status', 'conditions') ?? []) as Record<string, unknown>[];
  return conditions.find((condition) => condition['type'] === type);
}

function readyOf(set: KubernetesObject): number {
  return numberAt(set, 'status', 'readyReplicas') ?? 0;
}
