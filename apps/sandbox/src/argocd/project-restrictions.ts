import type { KubernetesObject } from '../cluster.js';
import type { Spec } from './application.js';
import { globMatches } from './glob.js';
import { groupOf } from './identity.js';
import { type GroupKind, type Project, type ProjectDestination } from './project.js';
import { normalUrl } from './repositories.js';

export const IN_CLUSTER = { server: 'https://kubernetes.default.svc', name: 'in-cluster' };

/** `scoped` are the repositories that were registered for the project alone; it may always use those. */
export function isSourcePermitted({ spec }: Project, url: string, scoped: readonly string[]): boolean {
  const wanted = normalUrl(url);
  const matches = (pattern: string) => pattern === '*' || globMatches(normalUrl(pattern), wanted, '/');
  const rules = spec.sourceRepos ?? [];
  if (rules.some((rule) => rule.startsWith('!') && matches(rule.slice(1)))) return false;
  return rules.some((rule) => !rule.startsWith('!') && matches(rule)) || scoped.some((own) => normalUrl(own) === wanted);
}

/** There is one cluster, and an application names it by its server or by its name. */
export function isDestinationPermitted({ spec }: Project, namespace: string): boolean {
  const rules = spec.destinations ?? [];
  return rules.some((rule) => permits(rule, namespace)) && !rules.some((rule) => denies(rule, namespace));
}

function permits({ server = '', name = '', namespace: allowed = '' }: ProjectDestination, namespace: string): boolean {
  const cluster = globMatches(server, IN_CLUSTER.server) || (name !== '' && globMatches(name, IN_CLUSTER.name));
  return cluster && !allowed.startsWith('!') && globMatches(allowed, namespace);
}

/** `!` before a server or namespace takes it out of what others permit. */
function denies({ server = '', namespace: pattern = '' }: ProjectDestination, namespace: string): boolean {
  if (server.startsWith('!')) return globMatches(server.slice(1), IN_CLUSTER.server) && globMatches(pattern, namespace);
  return pattern.startsWith('!') && globMatches(server, IN_CLUSTER.server) && globMatches(pattern.slice(1), namespace);
}

/** Why the project does not let this object be deployed, or undefined. */
export function objectProblem(project: Project, object: KubernetesObject): string | undefined {
  const { namespace } = object.metadata;
  const group = groupOf(object.apiVersion);
  const { name } = project.metadata;
  if (!isKindPermitted(project, { group, kind: object.kind }, namespace !== undefined)) {
    return `resource ${group}:${object.kind} is not permitted in project ${name}`;
  }
  if (namespace === undefined || isDestinationPermitted(project, namespace)) return undefined;
  return `namespace ${namespace} is not permitted in project '${name}'`;
}

/** Namespaced kinds are allowed unless something is said of them; cluster-wide ones are not. */
function isKindPermitted({ spec }: Project, wanted: GroupKind, namespaced: boolean): boolean {
  const listed = (list: readonly GroupKind[] = []) =>
    list.some(({ group, kind }) => globMatches(group, wanted.group) && globMatches(kind, wanted.kind));
  if (!namespaced) return listed(spec.clusterResourceWhitelist) && !listed(spec.clusterResourceBlacklist);
  const allowed = spec.namespaceResourceWhitelist === undefined || listed(spec.namespaceResourceWhitelist);
  return allowed && !listed(spec.namespaceResourceBlacklist);
}

/** What an application asks for that its project does not give, each as an InvalidSpecError words it. */
export function specProblems({ source, destination, project: name }: Spec, project: Project, scoped: readonly string[]): string[] {
  const problems: string[] = [];
  const { repoURL = '' } = source ?? {};
  if (!isSourcePermitted(project, repoURL, scoped)) problems.push(`application repo ${repoURL} is not permitted in project '${name}'`);
  const namespace = destination.namespace ?? '';
  if (!isDestinationPermitted(project, namespace)) {
    const place = `server '${IN_CLUSTER.server}' and namespace '${namespace}'`;
    problems.push(`application destination ${place} do not match any of the allowed destinations in project '${name}'`);
  }
  return problems;
}
