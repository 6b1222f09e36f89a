import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../cluster.js';
import { goType, undecodable } from './api-error.js';
import { at, isObject, listAt, type Json, type JsonObject } from './json.js';
import { withPodDefaults } from './pod-defaults.js';
import type { ResourceType } from './resource-types.js';
import { customDefaults } from './schemas/custom-values.js';

/** The object with what the API server fills in: the defaults that a client of this stand-in could come to rely on. */
export function applyDefaults(
  type: ResourceType,
  object: KubernetesObject,
  before: KubernetesObject | undefined,
): KubernetesObject {
  if (type.custom) return customDefaults(object as unknown as Json, type.custom.schema.openAPIV3Schema) as unknown as KubernetesObject;
  switch (type.kind) {
    case 'Namespace':
      return namespace(object);
    case 'Secret':
      return secret(type, object);
    case 'Service':
      return service(object, before);
    case 'Deployment':
      return workload(object, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: ROLLING });
    case 'StatefulSet':
      return workload(object, STATEFUL_SET);
    case 'ReplicaSet':
      return workload(object, { replicas: 1 });
    case 'Pod':
      return pod(object, before);
    case 'PersistentVolumeClaim':
      return withSpec(object, { volumeMode: 'Filesystem', storageClassName: 'standard' });
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return roleBinding(object);
    default:
      return object;
  }
}

const ROLLING = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } };
const STATEFUL_SET = {
  replicas: 1,
  revisionHistoryLimit: 10,
  podManagementPolicy: 'OrderedReady',
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
};

function namespace(object: KubernetesObject): KubernetesObject {
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  return {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: { finalizers: ['kubernetes'] },
    status: object['status'] ?? { phase: 'Active' },
  };
}

/** `stringData` is for writing only: it becomes part of `data`. @throws ApiError 400 for data that is no base64. */
function secret(type: ResourceType, object: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = object;
  const data: Record<string, unknown> = { ...(rest['data'] as object | undefined) };
  for (const [key, text] of Object.entries(stringData ?? {})) {
    if (typeof text !== 'string') throw wrongType(type, 'stringData', text);
    data[key] = Buffer.from(text).toString('base64');
  }
  for (const value of Object.values(data)) {
    if (typeof value !== 'string') throw wrongType(type, 'data', value);
    const at = firstIllegalByte(value);
    if (at !== undefined) {
      throw undecodable(type, `illegal base64 data at input byte ${at}`);
    }
  }
  return { ...rest, ...(Object.keys(data).length > 0 ? { data } : {}), type: object['type'] ?? 'Opaque' };
}

function service(object: KubernetesObject, before: KubernetesObject | undefined): KubernetesObject {
  const spec = isObject(object['spec']) ? object['spec'] : {};
  const ports = listAt(spec, 'ports').map((port) => {
    const given = port as JsonObject;
    return { ...given, protocol: given['protocol'] ?? 'TCP', targetPort: given['targetPort'] ?? given['port'] };
  });
  const kept = isObject(before?.['spec']) ? before['spec']['clusterIP'] : undefined;
  const clusterIP = spec['clusterIP'] ?? kept ?? clusterAddress(object);
  const defaults = {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  };
  return {
    ...object,
    spec: { ...defaults, ...spec, ...(ports.length > 0 ? { ports } : {}), clusterIP, clusterIPs: [clusterIP] },
    status: object['status'] ?? { loadBalancer: {} },
  };
}

/** An address of the service network that is the service's for life; that two share one is unlikely and harms nothing here. */
function clusterAddress(object: KubernetesObject): string {
  const digest = createHash('sha256').update(`${object.metadata.namespace}/${object.metadata.name}`).digest();
  return `10.96.${digest[0]}.${1 + ((digest[1] ?? 0) % 254)}`;
}

function workload(object: KubernetesObject, defaults: JsonObject): KubernetesObject {
  const spec = isObject(object['spec']) ? object['spec'] : {};
  const template = isObject(spec['template']) ? spec['template'] : {};
  const podSpec = isObject(template['spec']) ? withPodDefaults(template['spec']) : undefined;
  const strategy = isObject(spec['strategy']) ? { strategy: withRolling(spec['strategy']) } : {};
  const completed = { ...template, ...(podSpec ? { spec: podSpec } : {}) };
  return { ...object, spec: { ...defaults, ...spec, ...strategy, ...(spec['template'] ? { template: completed } : {}) } };
}

function withRolling(strategy: JsonObject): JsonObject {
  if ((strategy['type'] ?? 'RollingUpdate') !== 'RollingUpdate') return strategy;
  const given = isObject(strategy['rollingUpdate']) ? strategy['rollingUpdate'] : {};
  return { ...ROLLING, ...strategy, rollingUpdate: { ...ROLLING.rollingUpdate, ...given } };
}

function pod(object: KubernetesObject, before: KubernetesObject | undefined): KubernetesObject {
  const spec = isObject(object['spec']) ? object['spec'] : {};
  const account = at(before, 'spec', 'serviceAccountName') as Json | undefined;
  return {
    ...object,
    spec: withPodDefaults({ enableServiceLinks: true, preemptionPolicy: 'PreemptLowerPriority', priority: 0, serviceAccountName: account ?? 'default', ...spec }),
    status: object['status'] ?? { phase: 'Pending', qosClass: 'BestEffort' },
  };
}

function roleBinding(object: KubernetesObject): KubernetesObject {
  const subjects = listAt(object, 'subjects').map((subject) => {
    const given = subject as JsonObject;
    return given['kind'] === 'ServiceAccount' || given['apiGroup'] !== undefined ? given : { apiGroup: 'rbac.authorization.k8s.io', ...given };
  });
  const role = isObject(object['roleRef']) ? { apiGroup: 'rbac.authorization.k8s.io', ...object['roleRef'] } : object['roleRef'];
  return { ...object, ...(subjects.length > 0 ? { subjects } : {}), roleRef: role };
}

function withSpec(object: KubernetesObject, defaults: JsonObject): KubernetesObject {
  const spec = isObject(object['spec']) ? object['spec'] : {};
  return { ...object, spec: { ...defaults, ...spec } };
}

function wrongType(type: ResourceType, field: string, value: unknown): Error {
  return undecodable(type, `json: cannot unmarshal ${goType(value)} into Go struct field ${type.kind}.${field} of type string`);
}

/** Go's decoder names the first byte that it cannot take, in whatever place. */
function firstIllegalByte(text: string): number | undefined {
  const illegal = text.search(/[^A-Za-z0-9+/=\r\n]/);
  if (illegal >= 0) return illegal;
  const compact = text.replace(/[\r\n]/g, '');
  const padding = compact.indexOf('=');
  if (padding >= 0 && !/^={1,2}$/.test(compact.slice(padding))) return padding;
  return compact.length % 4 === 0 ? undefined : compact.length - (compact.length % 4);
}
