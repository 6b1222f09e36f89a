import { ArgoError, type Code } from './errors.js';
import type { Project, ProjectRole } from './project.js';

/** @throws ArgoError naming the first mistake, in the order in which Argo CD looks. */
export function validateProject({ metadata, spec }: Pick<Project, 'spec'> & { metadata: { name: string } }): void {
  const destinations = (spec.destinations ?? []).map(({ server, namespace }) => `${server ?? ''}/${namespace ?? ''}`);
  unique(destinations, 'InvalidArgument', (key) => `destination '${key}' already added`);
  unique(spec.sourceRepos ?? [], 'InvalidArgument', (url) => `source repository '${url}' already added`);
  const roles = spec.roles ?? [];
  unique(roles.map(({ name }) => name), 'AlreadyExists', (name) => `role '${name}' already exists`);
  for (const role of roles) validateRole(metadata.name, role);
  if (spec.syncWindows && spec.syncWindows.length > 0) {
    throw new ArgoError('Unimplemented', "The sandbox's Argo CD has no sync windows.");
  }
}

function validateRole(project: string, { name, policies = [], groups = [] }: ProjectRole): void {
  if (!/^[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(name)) {
    const rule = 'must consist of alphanumeric characters, \'-\' or \'_\', and must start and end with an alphanumeric character';
    throw new ArgoError('InvalidArgument', `invalid role name '${name}'. ${rule}`);
  }
  unique(policies, 'AlreadyExists', (policy) => `policy '${policy}' already exists for role '${name}'`);
  for (const policy of policies) validatePolicy(project, name, policy);
  unique(groups, 'AlreadyExists', (group) => `group '${group}' already exists for role '${name}'`);
}

const RESOURCES = ['applications', 'applicationsets', 'repositories', 'clusters', 'exec', 'logs'];
const ACTIONS = ['get', 'create', 'update', 'delete', 'sync', 'override', '*'];

/** A rule gives its role something in its own project, and nothing else. */
function validatePolicy(project: string, role: string, policy: string): void {
  const wrong = (why: string) => new ArgoError('InvalidArgument', `invalid policy rule '${policy}': ${why}`);
  const parts = policy.split(',').map((part) => part.trim());
  const [p, subject = '', resource = '', action = '', object = '', effect = ''] = parts;
  if (parts.length !== 6 || p !== 'p') throw wrong("must be of the form: 'p, sub, res, act, obj, eft'");
  const expected = `proj:${project}:${role}`;
  if (subject !== expected) throw wrong(`policy subject must be: '${expected}', not '${subject}'`);
  if (!RESOURCES.includes(resource)) throw wrong(`project resource must be: ${listed(RESOURCES)}, not '${resource}'`);
  if (!ACTIONS.includes(action) && !/^(action|update|delete)\/.+$/.test(action)) throw wrong(`invalid action '${action}'`);
  if (!new RegExp(`^${RegExp.escape(project)}(/[*\\w-.]+)?/[*\\w-.]+$`).test(object)) {
    const forms = `'${project}/*', '${project}[/<NAMESPACE>]/<APPNAME>' or '${project}/<APPNAME>'`;
    throw wrong(`object must be of form ${forms}, not '${object}'`);
  }
  if (effect !== 'allow' && effect !== 'deny') throw wrong("effect must be: 'allow' or 'deny'");
}

function listed(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function unique(values: readonly string[], code: Code, message: (value: string) => string): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new ArgoError(code, message(twice));
}
