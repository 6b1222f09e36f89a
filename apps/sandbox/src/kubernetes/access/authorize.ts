import type { KubernetesObject } from '../../cluster.js';
import { at, listAt, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import type { Api } from '../write-object.js';
import type { User } from './user.js';

/** What is asked for: of a resource, or of a path that is none. */
export type Attributes = ResourceAttributes | { verb: string; path: string };

export interface ResourceAttributes {
  verb: string;
  group: string;
  version: string;
  resource: string;
  subresource: string;
  /** Empty at the scope of the cluster. */
  namespace: string;
  /** Empty for a collection. */
  name: string;
}

export interface Rule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

interface GrantedRule {
  rule: Rule;
  /** As the reason of an answer names what granted it. */
  by: string;
}

export interface Decision {
  allowed: boolean;
  reason: string;
}

const SUPERUSERS = 'system:masters';

/** Whether the roles bound to a user let it do this. */
export function authorize(api: Api, user: User, attributes: Attributes): Decision {
  if (user.groups.includes(SUPERUSERS)) return { allowed: true, reason: '' };
  const errors: string[] = [];
  for (const { rule, by } of grantedRules(api, user, 'path' in attributes ? '' : attributes.namespace, errors)) {
    if (allows(rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${by}` };
  }
  return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}` };
}

/** Every rule that holds for a user in a namespace, those of the whole cluster included; of the cluster alone where it is ''. */
export function rulesFor(api: Api, user: User, namespace: string): Rule[] {
  const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }];
  if (user.groups.includes(SUPERUSERS)) return everything;
  return [...grantedRules(api, user, namespace, [])].map(({ rule }) => rule);
}

/** The rules of a role that a binding refers to; undefined where there is no such role. */
export function rulesOfRole(api: Api, kind: string, name: string, namespace: string): Rule[] | undefined {
  const role = kind === 'Role' ? api.objects.get(typeOf('Role'), namespace, name) : api.objects.get(typeOf('ClusterRole'), undefined, name);
  return role && (listAt(role, 'rules') as Rule[]);
}

function* grantedRules(api: Api, user: User, namespace: string, errors: string[]): Generator<GrantedRule> {
  yield* grantedBy(api, user, api.objects.list(typeOf('ClusterRoleBinding')), '', errors);
  if (namespace !== '') yield* grantedBy(api, user, api.objects.list(typeOf('RoleBinding'), namespace), namespace, errors);
}

function* grantedBy(api: Api, user: User, bindings: KubernetesObject[], namespace: string, errors: string[]): Generator<GrantedRule> {
  for (const binding of bindings) {
    const subject = listAt(binding, 'subjects').find((candidate) => isSubject(candidate, user, namespace));
    if (subject === undefined) continue;
    const [kind, role] = [textAt(binding, 'roleRef', 'kind') ?? '', textAt(binding, 'roleRef', 'name') ?? ''];
    const rules = rulesOfRole(api, kind, role, namespace);
    if (!rules) {
      errors.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io "${role}" not found`);
      continue;
    }
    const place = namespace === '' ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
    const by = `${binding.kind} "${place}" of ${kind} "${role}" to ${describeSubject(subject)}`;
    for (const rule of rules) yield { rule, by };
  }
}

function isSubject(subject: unknown, user: User, namespace: string): boolean {
  const name = textAt(subject, 'name');
  switch (at(subject, 'kind')) {
    case 'User':
      return name === user.name;
    case 'Group':
      return user.groups.includes(name ?? '');
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${textAt(subject, 'namespace') ?? namespace}:${name}`;
    default:
      return false;
  }
}

function describeSubject(subject: unknown): string {
  const [kind, name, namespace] = ['kind', 'name', 'namespace'].map((field) => textAt(subject, field));
  return `${kind} "${namespace === undefined ? name : `${name}/${namespace}`}"`;
}

export function allows(rule: Rule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, attributes.path));
  const { group, resource, subresource, name } = attributes;
  const asked = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  if (!includes(rule.apiGroups, group)) return false;
  if (!includes(resources, asked) && !(subresource !== '' && resources.includes(`*/${subresource}`))) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(name);
}

function includes(values: string[] | undefined, wanted: string): boolean {
  return values?.some((value) => value === '*' || value === wanted) ?? false;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}
