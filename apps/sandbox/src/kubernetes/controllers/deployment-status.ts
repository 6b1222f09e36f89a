import type { KubernetesObject } from '../../cluster.js';
import { at, numberAt, textAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import { timestamp, type Api } from '../write-object.js';

/** Tells how a rollout stands. Milliseconds until it would be too slow, while it is under way. */
export function reportDeployment(
  api: Api,
  deployment: KubernetesObject,
  current: KubernetesObject | undefined,
  sets: KubernetesObject[],
  wanted: number,
): number | undefined {
  const live = api.objects.get(typeOf('Deployment'), deployment.metadata.namespace, deployment.metadata.name) ?? deployment;
  const sum = (count: (set: KubernetesObject) => number) => sets.reduce((total, set) => total + count(set), 0);
  const updated = numberAt(current, 'status', 'replicas') ?? 0;
  const total = sum((set) => numberAt(set, 'status', 'replicas') ?? 0);
  const ready = sum(readyOf);
  const complete = updated === wanted && total === wanted && current !== undefined && readyOf(current) === wanted;
  const { condition, due } = progress(api, live, current, complete);
  const availability = ready >= wanted - allowedUnavailable(deployment, wanted);
  updateStatus(api, typeOf('Deployment'), live, {
    observedGeneration: live.metadata.generation,
    ...counted({ replicas: total, updatedReplicas: updated, readyReplicas: ready, availableReplicas: ready }),
    ...counted({ unavailableReplicas: Math.max(0, Math.max(total, wanted) - ready) }),
    conditions: [
      withTimes(api, live, {
        type: 'Available',
        status: availability ? 'True' : 'False',
        reason: availability ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: availability ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
      }),
      withTimes(api, live, condition),
    ],
  });
  return due;
}

function allowedUnavailable(deployment: KubernetesObject, wanted: number): number {
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  const given = at(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable') ?? '25%';
  return typeof given === 'string' && given.endsWith('%') ? Math.floor((parseFloat(given) / 100) * wanted) : Number(given);
}

function progress(
  api: Api,
  deployment: KubernetesObject,
  current: KubernetesObject | undefined,
  complete: boolean,
): { condition: Condition; due?: number } {
  if (at(deployment, 'spec', 'paused') === true) {
    return { condition: { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' } };
  }
  const name = current?.metadata.name ?? '';
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

/** When the rollout of this ReplicaSet last moved, as its condition says; one that took too long has not moved since. */
function lastProgress(deployment: KubernetesObject, setName: string): number | undefined {
  const condition = findCondition(deployment, 'Progressing');
  const same =
    (textAt(condition, 'message') ?? '').includes(`"${setName}"`) && condition?.['reason'] !== 'NewReplicaSetAvailable';
  if (same && condition?.['reason'] === 'ProgressDeadlineExceeded') return -Infinity;
  return same ? Date.parse(textAt(condition, 'lastUpdateTime') ?? '') : undefined;
}

function findCondition(object: KubernetesObject, type: string): Record<string, unknown> | undefined {
  const conditions = (at(object, 'status', 'conditions') ?? []) as Record<string, unknown>[];
  return conditions.find((condition) => condition['type'] === type);
}

function readyOf(set: KubernetesObject): number {
  return numberAt(set, 'status', 'readyReplicas') ?? 0;
}

/** A count of none is left out, as Go does with what is empty. */
function counted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
