import type { KubernetesObject } from '../../cluster.js';
import { notFound } from '../api-error.js';
import { listAt, textAt, without } from '../json.js';
import { typeOf, type ResourceType } from '../resource-types.js';
import type { Api } from '../write-object.js';
import { allows, authorize, type Rule, rulesFor, rulesOfRole } from './authorize.js';
import { forbiddenObject } from './forbidden.js';
import type { User } from './user.js';

/**
 * Nobody may grant what they do not hold: neither write a role with more rights than they have (unless `escalate` is theirs), nor
 * bind one (unless `bind` is). @throws ApiError 403, or 404 for a role to bind that is not there
 */
export function confirmNoEscalation(api: Api, user: User, type: ResourceType, object: KubernetesObject): void {
  if (type.group !== 'rbac.authorization.k8s.io' || user.groups.includes('system:masters')) return;
  const namespace = object.metadata.namespace ?? '';
  const binds = type.kind.endsWith('Binding');
  const role = binds ? textAt(object, 'roleRef', 'name') ?? '' : object.metadata.name;
  const kind = binds ? textAt(object, 'roleRef', 'kind') ?? '' : type.kind;
  const verb = binds ? 'bind' : 'escalate';
  const resource = kind === 'Role' ? 'roles' : 'clusterroles';
  const granted = { verb, group: type.group, version: 'v1', resource, subresource: '', namespace, name: role };
  if (authorize(api, user, granted).allowed) return;
  const rules = binds ? rulesOfRole(api, kind, role, namespace) : (listAt(object, 'rules') as Rule[]);
  if (!rules) throw notFound(typeOf(kind === 'Role' ? 'Role' : 'ClusterRole'), role);
  const held = rulesFor(api, user, namespace);
  const missing = rules.flatMap(single).filter((wanted) => !held.some((rule) => covers(rule, wanted)));
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const rights = [...new Set(compact(missing).map(describe))].sort().join('\n');
  const why = `user "${user.name}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${rights}`;
  throw forbiddenObject(type, object.metadata.name, why);
}

/** One verb on one resource, or on one path. */
interface Single {
  verb: string;
  group?: string;
  resource?: string;
  name?: string;
  path?: string;
}

function single({ verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: Rule): Single[] {
  const paths = verbs.flatMap((verb) => nonResourceURLs.map((path) => ({ verb, path })));
  const names = resourceNames.length > 0 ? resourceNames : [undefined];
  const onResources = verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => names.map((name) => ({ verb, group, resource, ...(name === undefined ? {} : { name }) }))),
    ),
  );
  return [...paths, ...onResources];
}

function covers(rule: Rule, { verb, group = '', resource = '', name = '', path }: Single): boolean {
  if (path !== undefined) return allows(rule, { verb, path });
  const [main = '', subresource = ''] = resource.split('/');
  return allows(rule, { verb, group, version: '', resource: main, subresource, namespace: '', name });
}

/** Verbs of the same thing in one rule, as the message shows them. */
function compact(missing: Single[]): Rule[] {
  const byThing = Map.groupBy(missing, (one) => JSON.stringify(without(one, 'verb')));
  return [...byThing.values()].map((same) => {
    const [{ group, resource, name, path } = {} as Single] = same;
    const verbs = same.map(({ verb }) => verb);
    if (path !== undefined) return { nonResourceURLs: [path], verbs };
    return { apiGroups: [group ?? ''], resources: [resource ?? ''], ...(name === undefined ? {} : { resourceNames: [name] }), verbs };
  });
}

function describe({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const;
  const shown = parts.flatMap(([name, values]) => (values?.length ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`] : []));
  return `{${shown.join(', ')}}`;
}
