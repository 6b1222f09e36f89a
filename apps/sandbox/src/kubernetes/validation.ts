import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../cluster.js';
import { invalid, invalidValue, required, undecodable, type Cause } from './api-error.js';
import { at, isObject, listAt, textAt, textMapAt, type JsonObject } from './json.js';
import type { ResourceType } from './resource-types.js';
import { customCauses } from './schemas/custom-values.js';

/** @throws ApiError 422 with one cause for each fault; 400 where a value has a type that does not decode. */
export function validate(type: ResourceType, object: KubernetesObject, before: KubernetesObject | undefined): void {
  const causes = [
    ...nameCauses(type, object.metadata.name),
    ...labelCauses(type, object),
    ...(type.custom ? customCauses(object as unknown as JsonObject, type.custom.schema.openAPIV3Schema) : specCauses(type, object)),
    ...(before ? immutableCauses(type, object, before) : []),
  ];
  if (causes.length > 0) throw invalid(type, object.metadata.name, causes);
}

const LABEL = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  most: 63,
  rule:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
};
const DNS_1035 = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  most: 63,
  rule:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and " +
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex " +
    "used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
};
const SUBDOMAIN = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  most: 253,
  rule:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
};
/** RBAC names may be any path segment. */
const FREE_NAMES = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
  "an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function nameCauses(type: ResourceType, name: string): Cause[] {
  if (!name) return [required('metadata.name', 'name or generateName is required')];
  if (FREE_NAMES.includes(type.kind)) return [];
  const rule = type.kind === 'Namespace' ? LABEL : type.kind === 'Service' ? DNS_1035 : SUBDOMAIN;
  const causes: Cause[] = [];
  if (!rule.pattern.test(name)) causes.push(invalidValue('metadata.name', name, rule.rule));
  if (name.length > rule.most) causes.push(invalidValue('metadata.name', name, `must be no more than ${rule.most} characters`));
  return causes;
}

function labelCauses(type: ResourceType, object: KubernetesObject): Cause[] {
  const labels: unknown = object.metadata.labels ?? {};
  if (!isObject(labels) || !Object.values(labels).every((value) => typeof value === 'string')) {
    throw undecodable(type, 'json: cannot unmarshal into Go struct field ObjectMeta.metadata.labels of type map[string]string');
  }
  return Object.values(textMapAt(labels)).flatMap((value) => {
    if (value.length > 63) return [invalidValue('metadata.labels', value, 'must be no more than 63 characters')];
    return LABEL_VALUE.test(value) ? [] : [invalidValue('metadata.labels', value, LABEL_VALUE_RULE)];
  });
}

function specCauses(type: ResourceType, object: KubernetesObject): Cause[] {
  if (['Deployment', 'StatefulSet', 'ReplicaSet'].includes(type.kind)) return workloadCauses(object);
  if (type.kind === 'Pod') return podCauses(object['spec'], 'spec');
  if (type.kind === 'RoleBinding' || type.kind === 'ClusterRoleBinding') return bindingCauses(object);
  if (type.kind === 'PersistentVolumeClaim') return newClaimCauses(object);
  if (type.kind !== 'Service') return [];
  const headless = at(object, 'spec', 'clusterIP') === 'None';
  const external = at(object, 'spec', 'type') === 'ExternalName';
  return headless || external || listAt(object, 'spec', 'ports').length > 0 ? [] : [required('spec.ports')];
}

function workloadCauses(object: KubernetesObject): Cause[] {
  const selector = textMapAt(object, 'spec', 'selector', 'matchLabels');
  const hasSelector = isObject(at(object, 'spec', 'selector'));
  if (!hasSelector) return [required('spec.selector')];
  const labels = textMapAt(object, 'spec', 'template', 'metadata', 'labels');
  const mismatch = Object.entries(selector).some(([key, value]) => labels[key] !== value);
  const causes: Cause[] = [];
  if (mismatch) {
    const message = '`selector` does not match template `labels`';
    causes.push(invalidValue('spec.template.metadata.labels', labels, message));
  }
  return [...causes, ...podCauses(at(object, 'spec', 'template', 'spec'), 'spec.template.spec')];
}

function podCauses(spec: unknown, path: string): Cause[] {
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) return [required(`${path}.containers`)];
  return containers.flatMap((container, index) =>
    ['name', 'image'].filter((field) => !at(container, field)).map((field) => required(`${path}.containers[${index}].${field}`)),
  );
}

function bindingCauses(object: KubernetesObject): Cause[] {
  const causes = textAt(object, 'roleRef', 'name') ? [] : [required('roleRef.name')];
  listAt(object, 'subjects').forEach((subject, index) => {
    const field = `subjects[${index}]`;
    if (!at(subject, 'name')) causes.push(required(`${field}.name`));
    if (at(subject, 'kind') === 'ServiceAccount' && !at(subject, 'namespace')) causes.push(required(`${field}.namespace`));
  });
  return causes;
}

function newClaimCauses(object: KubernetesObject): Cause[] {
  const causes = listAt(object, 'spec', 'accessModes').length > 0 ? [] : [required('spec.accessModes', 'at least 1 access mode is required')];
  return at(object, 'spec', 'resources', 'requests', 'storage') === undefined ? [...causes, required('spec.resources[storage]')] : causes;
}

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function immutableCauses(type: ResourceType, object: KubernetesObject, before: KubernetesObject): Cause[] {
  switch (type.kind) {
    case 'Deployment':
    case 'ReplicaSet':
      return immutableField(object, before, ['spec', 'selector']);
    case 'Service':
      return immutableField(object, before, ['spec', 'clusterIP']);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return roleRefCauses(object, before);
    case 'PersistentVolumeClaim':
      return claimCauses(object, before);
    case 'Pod':
      return runningPodCauses(object, before);
    case 'Secret':
      return [...immutableField(object, before, ['type']), ...frozenCauses(object, before)];
    case 'ConfigMap':
      return frozenCauses(object, before);
    case 'StatefulSet':
      return statefulSetCauses(object, before);
    default:
      return [];
  }
}

function roleRefCauses(object: KubernetesObject, before: KubernetesObject): Cause[] {
  if (isDeepStrictEqual(object['roleRef'], before['roleRef'])) return [];
  return [invalidValue('roleRef', object['roleRef'], 'cannot change roleRef')];
}

function claimCauses(object: KubernetesObject, before: KubernetesObject): Cause[] {
  const fixed = (of: KubernetesObject) => ({ ...(of['spec'] as object), resources: undefined, volumeName: undefined });
  if (isDeepStrictEqual(fixed(object), fixed(before))) return [];
  const message =
    'Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  return [{ reason: 'FieldValueForbidden', message, field: 'spec' }];
}

function runningPodCauses(object: KubernetesObject, before: KubernetesObject): Cause[] {
  const images = (list: unknown[]) => list.map((container) => ({ ...(container as object), image: undefined }));
  const fixed = (of: KubernetesObject) => ({
    ...(of['spec'] as object),
    containers: images(listAt(of, 'spec', 'containers')),
    initContainers: images(listAt(of, 'spec', 'initContainers')),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    terminationGracePeriodSeconds: undefined,
  });
  if (isDeepStrictEqual(fixed(object), fixed(before))) return [];
  const fields =
    '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` ' +
    '(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [{ reason: 'FieldValueForbidden', message: `Forbidden: pod updates may not change fields other than ${fields}`, field: 'spec' }];
}

function immutableField(object: KubernetesObject, before: KubernetesObject, path: string[]): Cause[] {
  const [now, was] = [at(object, ...path), at(before, ...path)];
  return isDeepStrictEqual(now, was) ? [] : [invalidValue(path.join('.'), now, 'field is immutable')];
}

function frozenCauses(object: KubernetesObject, before: KubernetesObject): Cause[] {
  if (before['immutable'] !== true || isDeepStrictEqual(object['data'], before['data'])) return [];
  return [{ reason: 'FieldValueForbidden', message: 'Forbidden: field is immutable when `immutable` is set', field: 'data' }];
}

function statefulSetCauses(object: KubernetesObject, before: KubernetesObject): Cause[] {
  const fixed = (of: KubernetesObject) =>
    Object.fromEntries(
      Object.entries(isObject(of['spec']) ? of['spec'] : {}).filter(([name]) => !STATEFUL_SET_MUTABLE.includes(name)),
    );
  if (isDeepStrictEqual(fixed(object), fixed(before))) return [];
  const names = STATEFUL_SET_MUTABLE.map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const message = `Forbidden: updates to statefulset spec for fields other than ${list} are forbidden`;
  return [{ reason: 'FieldValueForbidden', message, field: 'spec' }];
}
