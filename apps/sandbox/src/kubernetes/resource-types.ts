/** One kind of object that the API server stores. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  namespaced: boolean;
  /** Whether it has a `status` subresource, so that a write to the object itself cannot touch the status. */
  status: boolean;
  /** Defined by a CustomResourceDefinition: no strategic merge, every list atomic. */
  custom: boolean;
}

const CLUSTER_STORE = { namespaced: false, status: true, custom: true, shortNames: ['css'] };

export const RESOURCE_TYPES: readonly ResourceType[] = [
  core('Namespace', 'namespaces', { namespaced: false, status: true, shortNames: ['ns'] }),
  core('Secret', 'secrets'),
  core('ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  core('ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  core('Service', 'services', { status: true, shortNames: ['svc'] }),
  core('Pod', 'pods', { status: true, shortNames: ['po'] }),
  core('Event', 'events', { shortNames: ['ev'] }),
  core('ResourceQuota', 'resourcequotas', { status: true, shortNames: ['quota'] }),
  core('PersistentVolumeClaim', 'persistentvolumeclaims', { status: true, shortNames: ['pvc'] }),
  type('apps', 'v1', 'Deployment', 'deployments', { status: true, shortNames: ['deploy'] }),
  type('apps', 'v1', 'StatefulSet', 'statefulsets', { status: true, shortNames: ['sts'] }),
  type('apps', 'v1', 'ReplicaSet', 'replicasets', { status: true, shortNames: ['rs'] }),
  type('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
  type('rbac.authorization.k8s.io', 'v1', 'Role', 'roles'),
  type('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  type('external-secrets.io', 'v1', 'ExternalSecret', 'externalsecrets', { status: true, custom: true, shortNames: ['es'] }),
  type('external-secrets.io', 'v1', 'SecretStore', 'secretstores', { status: true, custom: true, shortNames: ['ss'] }),
  type('external-secrets.io', 'v1', 'ClusterSecretStore', 'clustersecretstores', CLUSTER_STORE),
  type('argoproj.io', 'v1alpha1', 'Application', 'applications', { custom: true, shortNames: ['app', 'apps'] }),
];

export function findType(group: string, version: string, plural: string): ResourceType | undefined {
  return RESOURCE_TYPES.find((t) => t.group === group && t.version === version && t.plural === plural);
}

export function findKind(apiVersion: string, kind: string): ResourceType | undefined {
  return RESOURCE_TYPES.find((t) => apiVersionOf(t) === apiVersion && t.kind === kind);
}

/** For the kinds that this stand-in's own code names. */
export function typeOf(kind: string): ResourceType {
  const found = RESOURCE_TYPES.find((t) => t.kind === kind);
  if (!found) throw new TypeError(`${kind} is not among the resource types of the Kubernetes stand-in.`);
  return found;
}

/** `v1`, `apps/v1` */
export function apiVersionOf(t: { group: string; version: string }): string {
  return t.group === '' ? t.version : `${t.group}/${t.version}`;
}

/** `secrets`, `deployments.apps`: how messages name a resource. */
export function qualified(t: ResourceType): string {
  return t.group === '' ? t.plural : `${t.plural}.${t.group}`;
}

type Traits = Partial<Pick<ResourceType, 'namespaced' | 'status' | 'custom' | 'shortNames'>>;

function core(kind: string, plural: string, traits: Traits = {}): ResourceType {
  return type('', 'v1', kind, plural, traits);
}

function type(group: string, version: string, kind: string, plural: string, traits: Traits = {}): ResourceType {
  const defaults = { namespaced: true, status: false, custom: false, shortNames: [] };
  return { group, version, kind, plural, singular: kind.toLowerCase(), ...defaults, ...traits };
}
