import type { KubernetesObject } from '../cluster.js';
import type { Health, HealthStatusCode } from './application.js';

/** From best to worst, as Argo CD ranks them. */
const ORDER: readonly HealthStatusCode[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

export function worst(statuses: readonly HealthStatusCode[]): HealthStatusCode {
  return statuses.reduce((a, b) => (ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b), 'Healthy');
}

/** Undefined for kinds whose being there is all there is to their health. */
export function healthOf(object: KubernetesObject): Health | undefined {
  if (object.metadata.deletionTimestamp) return { status: 'Progressing', message: 'Pending deletion' };
  switch (object.kind) {
    case 'Deployment':
      return deploymentHealth(object);
    case 'StatefulSet':
      return statefulSetHealth(object);
    case 'Pod':
      return podHealth(object);
    case 'Job':
      return conditionHealth(object, { healthy: 'Complete', degraded: 'Failed' });
    case 'ExternalSecret':
    case 'SecretStore':
    case 'ClusterSecretStore':
      return readyConditionHealth(object);
    case 'PersistentVolumeClaim':
      return { status: statusOf(object)['phase'] === 'Bound' ? 'Healthy' : 'Progressing' };
    case 'Service':
      return serviceHealth(object);
    default:
      return undefined;
  }
}

interface Condition {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
}

function deploymentHealth(object: KubernetesObject): Health {
  const spec = specOf(object);
  const status = statusOf(object);
  if (spec['paused'] === true) return { status: 'Suspended', message: 'Deployment is paused' };
  const waiting = (message: string): Health => ({
    status: 'Progressing',
    message: `Waiting for rollout to finish: ${message}`,
  });
  if (isUnobserved(object)) return waiting('observed deployment generation less than desired generation');
  const deadline = conditionsOf(object).find((condition) => condition.reason === 'ProgressDeadlineExceeded');
  if (deadline) return { status: 'Degraded', message: `Deployment "${object.metadata.name}" exceeded its progress deadline` };
  const wanted = numberOf(spec['replicas'], 1);
  const updated = numberOf(status['updatedReplicas']);
  const replicas = numberOf(status['replicas']);
  const available = numberOf(status['availableReplicas']);
  if (updated < wanted) return waiting(`${updated} out of ${wanted} new replicas have been updated...`);
  if (replicas > updated) return waiting(`${replicas - updated} old replicas are pending termination...`);
  if (available < updated) return waiting(`${available} of ${updated} updated replicas are available...`);
  return { status: 'Healthy' };
}

function statefulSetHealth(object: KubernetesObject): Health {
  const status = statusOf(object);
  const wanted = numberOf(specOf(object)['replicas'], 1);
  const ready = numberOf(status['readyReplicas']);
  if (isUnobserved(object)) return { status: 'Progressing', message: 'Waiting for statefulset spec update to be observed...' };
  if (ready < wanted) return { status: 'Progressing', message: `Waiting for ${wanted} pods to be ready...` };
  if (status['updateRevision'] !== status['currentRevision'] && numberOf(status['updatedReplicas']) < wanted) {
    return { status: 'Progressing', message: 'waiting for statefulset rolling update to complete' };
  }
  return { status: 'Healthy' };
}

const STUCK = /BackOff$|^Err|Error$|^InvalidImageName$/;

function podHealth(object: KubernetesObject): Health {
  const status = statusOf(object);
  const containers = (status['containerStatuses'] ?? []) as { state?: { waiting?: { reason?: string; message?: string } } }[];
  for (const { state } of containers) {
    const reason = state?.waiting?.reason;
    if (reason && STUCK.test(reason)) return { status: 'Degraded', message: state?.waiting?.message ?? reason };
  }
  switch (status['phase']) {
    case 'Succeeded':
      return { status: 'Healthy' };
    case 'Failed':
      return { status: 'Degraded' };
    case 'Running':
      return { status: isTrue(conditionsOf(object), 'Ready') ? 'Healthy' : 'Progressing' };
    default:
      return { status: 'Progressing' };
  }
}

function serviceHealth(object: KubernetesObject): Health {
  if (specOf(object)['type'] !== 'LoadBalancer') return { status: 'Healthy' };
  const balancer = statusOf(object)['loadBalancer'] as { ingress?: unknown[] } | undefined;
  return { status: balancer?.ingress?.length ? 'Healthy' : 'Progressing' };
}

function readyConditionHealth(object: KubernetesObject): Health {
  const ready = conditionsOf(object).find((condition) => condition.type === 'Ready');
  if (!ready) return { status: 'Progressing', message: `Waiting for ${object.kind}` };
  return { status: ready.status === 'True' ? 'Healthy' : 'Degraded', ...(ready.message && { message: ready.message }) };
}

function conditionHealth(object: KubernetesObject, types: { healthy: string; degraded: string }): Health {
  const conditions = conditionsOf(object);
  if (isTrue(conditions, types.degraded)) return { status: 'Degraded' };
  return { status: isTrue(conditions, types.healthy) ? 'Healthy' : 'Progressing' };
}

/** Whether the controller of this object has not seen its latest change. */
function isUnobserved(object: KubernetesObject): boolean {
  return numberOf(statusOf(object)['observedGeneration']) < numberOf(object.metadata.generation);
}

function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

function conditionsOf(object: KubernetesObject): Condition[] {
  return (statusOf(object)['conditions'] ?? []) as Condition[];
}

function specOf(object: KubernetesObject): Record<string, unknown> {
  return (object['spec'] ?? {}) as Record<string, unknown>;
}

function statusOf(object: KubernetesObject): Record<string, unknown> {
  return (object['status'] ?? {}) as Record<string, unknown>;
}

function numberOf(value: unknown, absent = 0): number {
  return typeof value === 'number' ? value : absent;
}
