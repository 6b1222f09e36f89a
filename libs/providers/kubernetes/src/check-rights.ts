import type { KubernetesClient } from './client.js';

/** What a step cannot do without, by API group and resource. */
const needed: readonly { group?: string; resource: string; verbs: readonly string[] }[] = [
  { resource: 'namespaces', verbs: ['get', 'create', 'delete'] },
  { resource: 'secrets', verbs: ['get', 'create', 'patch', 'delete'] },
  { resource: 'pods', verbs: ['list'] },
  { group: 'apps', resource: 'deployments', verbs: ['get', 'patch'] },
  { group: 'apps', resource: 'statefulsets', verbs: ['get', 'patch'] },
  { group: 'apps', resource: 'daemonsets', verbs: ['get', 'patch'] },
  { group: 'external-secrets.io', resource: 'externalsecrets', verbs: ['get', 'patch'] },
];

export interface Rights {
  /** `secrets: create, patch`, by resource. */
  missing: string[];
  /** The account may do everything, which is more than any step needs. */
  isUnbounded: boolean;
}

/** Asks the API server itself, by SelfSubjectAccessReview: roles can come from anywhere. What `kubernetes:apply` needs depends on the manifests. */
export async function checkRights(client: KubernetesClient, signal: AbortSignal): Promise<Rights> {
  const asked = needed.map(async ({ group = '', resource, verbs }) => {
    const allowed = await Promise.all(verbs.map((verb) => isAllowed(client, { group, resource, verb }, signal)));
    const missing = verbs.filter((_verb, index) => !allowed[index]);
    return missing.length === 0 ? [] : [`${resource}: ${missing.join(', ')}`];
  });
  const isUnbounded = isAllowed(client, { group: '*', resource: '*', verb: '*' }, signal);
  return { missing: (await Promise.all(asked)).flat(), isUnbounded: await isUnbounded };
}

async function isAllowed(
  client: KubernetesClient,
  resourceAttributes: { group: string; resource: string; verb: string },
  signal: AbortSignal,
): Promise<boolean> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  const { status } = await client.call({ doing: 'find out what our account may do', writes: false, signal }, ({ authorization }) =>
    authorization.createSelfSubjectAccessReview({ body }),
  );
  return status?.allowed === true;
}
