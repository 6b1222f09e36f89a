import { ArgoError } from './errors.js';
import { globMatches } from './glob.js';
import type { Project } from './project.js';
import type { Projects } from './projects.js';

export type Resource = 'applications' | 'projects' | 'repositories' | 'logs';
export type Action = 'get' | 'create' | 'update' | 'delete' | 'sync';

/** Who sent a request: the account, or a role of a project by one of its tokens. */
export interface Subject {
  /** `admin:login`, `proj:PROJECT:ROLE` */
  sub: string;
  issuedAt: number;
}

/** Who may do what: the account everything, a role of a project what its policies say. */
export class Access {
  constructor(private readonly projects: Projects) {}

  allows({ sub }: Subject, resource: Resource, action: Action, object: string): boolean {
    if (!sub.startsWith('proj:')) return true;
    const [, own = ''] = sub.split(':');
    // An object outside of every project belongs to the account alone.
    const [asked = ''] = object.split('/');
    if (asked !== own || (resource !== 'projects' && !object.includes('/'))) return false;
    const project = this.projects.get(own);
    return project !== undefined && decide(rulesOf(project), [sub, resource, action, object]);
  }

  /** @throws ArgoError PermissionDenied saying what was asked by whom. */
  enforce(subject: Subject, resource: Resource, action: Action, object: string): void {
    if (this.allows(subject, resource, action, object)) return;
    const at = new Date(subject.issuedAt * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const asked = [resource, action, object, `sub: ${subject.sub}`, `iat: ${at}`].join(', ');
    throw new ArgoError('PermissionDenied', `permission denied: ${asked}`);
  }
}

type Rule = readonly string[];

/** Each role may look at its project; the rest is in its policies. */
function rulesOf({ metadata, spec }: Project): Rule[] {
  return (spec.roles ?? []).flatMap((role) => [
    [`proj:${metadata.name}:${role.name}`, 'projects', 'get', metadata.name, 'allow'],
    ...(role.policies ?? []).map((policy) => policy.split(',').slice(1).map((part) => part.trim())),
  ]);
}

/** One allow will do, and one deny undoes all of them. */
function decide(rules: readonly Rule[], asked: readonly string[]): boolean {
  const [sub, ...rest] = asked;
  const effects = rules
    .filter(([subject, ...patterns]) => subject === sub && rest.every((value, index) => globMatches(patterns[index] ?? '', value)))
    .map((rule) => rule[4]);
  return effects.includes('allow') && !effects.includes('deny');
}
