import type { KubernetesObject } from '../../cluster.js';
import type { Rule } from './authorize.js';

const RBAC = 'rbac.authorization.k8s.io';
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

const VIEW: Rule[] = [
  rule('', ['configmaps', 'endpoints', 'events', 'limitranges', 'namespaces', 'persistentvolumeclaims', 'pods', 'pods/log'], READ),
  rule('', ['resourcequotas', 'serviceaccounts', 'services'], READ),
  rule('apps', ['controllerrevisions', 'deployments', 'deployments/scale', 'replicasets', 'replicasets/scale'], READ),
  rule('apps', ['statefulsets', 'statefulsets/scale'], READ),
  rule('autoscaling', ['horizontalpodautoscalers'], READ),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], READ),
  rule('policy', ['poddisruptionbudgets'], READ),
];
const EDIT: Rule[] = [
  ...VIEW,
  rule('', ['secrets'], [...READ, ...WRITE]),
  rule('', ['configmaps', 'events', 'persistentvolumeclaims', 'serviceaccounts', 'services', 'pods', 'pods/eviction'], WRITE),
  rule('', ['serviceaccounts/token'], ['create']),
  rule('', ['serviceaccounts'], ['impersonate']),
  rule('apps', ['deployments', 'deployments/scale', 'replicasets', 'replicasets/scale', 'statefulsets', 'statefulsets/scale'], WRITE),
  rule('autoscaling', ['horizontalpodautoscalers'], WRITE),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], WRITE),
  rule('policy', ['poddisruptionbudgets'], WRITE),
];
const ADMIN: Rule[] = [
  ...EDIT,
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
  rule(RBAC, ['rolebindings', 'roles'], [...READ, ...WRITE]),
];

/** By name: the roles that a cluster has from its start, as far as anyone here asks for them. */
const ROLES: Record<string, Rule[]> = {
  'cluster-admin': [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { nonResourceURLs: ['*'], verbs: ['*'] }],
  admin: ADMIN,
  edit: EDIT,
  view: VIEW,
  'system:discovery': [{ nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', ...HEALTH, '/openapi', '/openapi/*'], verbs: ['get'] }],
  'system:public-info-viewer': [{ nonResourceURLs: HEALTH, verbs: ['get'] }],
  'system:basic-user': [
    rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  ],
  'system:auth-delegator': [
    rule('authentication.k8s.io', ['tokenreviews'], ['create']),
    rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  ],
  'system:service-account-issuer-discovery': [{ nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'], verbs: ['get'] }],
};

/** By role: the groups that have it. */
const BINDINGS: Record<string, string[]> = {
  'cluster-admin': ['system:masters'],
  'system:discovery': ['system:authenticated'],
  'system:basic-user': ['system:authenticated'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  // The second as an administrator would have arranged it, so that others can check the tokens of service accounts.
  'system:service-account-issuer-discovery': ['system:serviceaccounts', 'system:unauthenticated'],
};

export function bootstrapRoles(): KubernetesObject[] {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const apiVersion = `${RBAC}/v1`;
  const roles = Object.entries(ROLES).map(([name, rules]) => ({ apiVersion, kind: 'ClusterRole', metadata: { name, labels }, rules }));
  const bindings = Object.entries(BINDINGS).map(([name, groups]) => ({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup: RBAC, kind: 'Group', name: group })),
  }));
  return [...roles, ...bindings];
}

function rule(group: string, resources: string[], verbs: string[]): Rule {
  return { apiGroups: [group], resources, verbs };
}
