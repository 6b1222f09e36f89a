import { CUSTOM_RESOURCE_DEFINITIONS, type CustomResource } from './schemas/schema.js';

/** One kind of object that the API server stores. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  /** `status` among them: a write to the object itself cannot touch the status. */
  subresources: string[];
  /** Where it is defined by a CustomResourceDefinition: no strategic merge, values checked against its schema. */
  custom: CustomResource['spec']['versions'][number] | undefined;
}

const STATUS = ['status'];
const SCALED = ['status', 'scale'];
const CLUSTER = { namespaced: false };
/** Shown by `kubectl get all`. */
const IN_ALL = { categories: ['all'] };

export const RESOURCE_TYPES: readonly ResourceType[] = [
  core('Namespace', 'namespaces', { ...CLUSTER, subresources: ['status', 'finalize'], shortNames: ['ns'] }),
  core('Node', 'nodes', { ...CLUSTER, subresources: STATUS, shortNames: ['no'] }),
  core('Secret', 'secrets'),
  core('ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  core('ServiceAccount', 'serviceaccounts', { subresources: ['token'], shortNames: ['sa'] }),
  core('Service', 'services', { subresources: STATUS, shortNames: ['svc'], ...IN_ALL }),
  core('Endpoints', 'endpoints', { singular: 'endpoints', shortNames: ['ep'] }),
  core('Pod', 'pods', { subresources: ['status', 'log', 'eviction'], shortNames: ['po'], ...IN_ALL }),
  core('Event', 'events', { shortNames: ['ev'] }),
  core('ResourceQuota', 'resourcequotas', { subresources: STATUS, shortNames: ['quota'] }),
  core('LimitRange', 'limitranges', { shortNames: ['limits'] }),
  core('PersistentVolumeClaim', 'persistentvolumeclaims', { subresources: STATUS, shortNames: ['pvc'] }),
  type('apps', 'v1', 'Deployment', 'deployments', { subresources: SCALED, shortNames: ['deploy'], ...IN_ALL }),
  type('apps', 'v1', 'StatefulSet', 'statefulsets', { subresources: SCALED, shortNames: ['sts'], ...IN_ALL }),
  type('apps', 'v1', 'ReplicaSet', 'replicasets', { subresources: SCALED, shortNames: ['rs'], ...IN_ALL }),
  type('apps', 'v1', 'ControllerRevision', 'controllerrevisions'),
  type('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', { subresources: STATUS, shortNames: ['hpa'], ...IN_ALL }),
  type('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { subresources: STATUS, shortNames: ['pdb'] }),
  type('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  type('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
  type('networking.k8s.io', 'v1', 'Ingress', 'ingresses', { subresources: STATUS, shortNames: ['ing'] }),
  type('rbac.authorization.k8s.io', 'v1', 'Role', 'roles'),
  type('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  type('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', CLUSTER),
  type('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings', CLUSTER),
  type('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    ...CLUSTER,
    subresources: STATUS,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
  }),
  ...CUSTOM_RESOURCE_DEFINITIONS.flatMap(customTypes),
];

const byPath = new Map(RESOURCE_TYPES.map((each) => [`${each.group}/${each.version}/${each.plural}`, each]));
const byKind = new Map(RESOURCE_TYPES.map((each) => [`${apiVersionOf(each)}/${each.kind}`, each]));
const byName = new Map(RESOURCE_TYPES.map((each) => [each.kind, each]));

export function findType(group: string, version: string, plural: string): ResourceType | undefined {
  return byPath.get(`${group}/${version}/${plural}`);
}

export function findKind(apiVersion: string, kind: string): ResourceType | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}

/** For the kinds that this stand-in's own code names. */
export function typeOf(kind: string): ResourceType {
  const found = byName.get(kind);
  if (!found) throw new TypeError(`${kind} is not among the resource types of the Kubernetes stand-in.`);
  return found;
}

/** `v1`, `apps/v1` */
export function apiVersionOf(t: { group: string; version: string }): string {
  return t.group === '' ? t.version : `${t.group}/${t.version}`;
}

/** `secrets`, `deployments.apps`: how messages name a resource. */
export function qualified(t: { group: string; plural: string }): string {
  return t.group === '' ? t.plural : `${t.plural}.${t.group}`;
}

export function hasStatus(t: ResourceType): boolean {
  return t.subresources.includes('status');
}

type Traits = Partial<Pick<ResourceType, 'namespaced' | 'subresources' | 'custom' | 'shortNames' | 'categories' | 'singular'>>;


function core(kind: string, plural: string, traits: Traits = {}): ResourceType {
  return type('', 'v1', kind, plural, traits);
}

function type(group: string, version: string, kind: string, plural: string, traits: Traits = {}): ResourceType {
  const defaults = { namespaced: true, subresources: [], custom: undefined, shortNames: [], categories: [] };
  return { group, version, kind, plural, singular: kind.toLowerCase(), ...defaults, ...traits };
}

function customTypes({ spec }: CustomResource): ResourceType[] {
  const { kind, plural, singular, shortNames = [], categories = [] } = spec.names;
  return spec.versions.map((version) => {
    const subresources = version.subresources?.status ? STATUS : [];
    const namespaced = spec.scope === 'Namespaced';
    return type(spec.group, version.name, kind, plural, { singular, shortNames, categories, namespaced, subresources, custom: version });
  });
}
