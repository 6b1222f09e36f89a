import type { Scope } from '@slipway/engine';
import type { TemplateContext } from 'nunjitsu';

/** What expressions in a template may begin with. */
export const expressionRoots = ['parameters', 'steps', 'secrets', 'environment', 'user', 'context', 'each'];

/** What a scope may carry beyond what the engine itself knows. */
export interface TemplateScope extends Scope {
  /** Of the installation: the same for every run, and no secret among them. */
  environment?: Environment;
  user: { ref: string; entity?: Record<string, unknown> };
}

export interface Environment {
  parameters: Record<string, unknown>;
}

/** JSON is what a scope is stored as; going through it drops what has no value and leaves plain records only. Not to be changed. */
export function expressionContext(scope: TemplateScope): TemplateContext {
  const { parameters, context, each } = scope;
  const known = Object.entries(scope.secrets === 'withheld' ? {} : (scope.secrets ?? {}));
  const secrets = Object.fromEntries(known.filter(([name]) => !name.startsWith(ofEnvironment)));
  const ofInstallation = known.filter(([name]) => name.startsWith(ofEnvironment)).map(([name, value]) => [name.slice(ofEnvironment.length), value] as const);
  const environment = { parameters: scope.environment?.parameters ?? {}, secrets: Object.fromEntries(ofInstallation) };
  const user = { ...scope.user, entity: scope.user.entity ?? userEntity(scope.user.ref) };
  const steps = Object.entries(scope.steps).map(([id, { output }]): [string, unknown] => [id, output === undefined ? {} : { output: copiedOnce(output) }]);
  return { ...copied({ context, each, secrets, environment, user }), parameters: copiedOnce(parameters), steps: Object.fromEntries(steps) } as TemplateContext;
}

const copies = new WeakMap<object, unknown>();

/** A run evaluates with the same inputs and outputs again and again; where one changes, there is another object in its place. */
function copiedOnce(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!copies.has(value)) copies.set(value, copied(value));
  return copies.get(value);
}

function copied(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}

const ofEnvironment = 'environment.';

/** What a reference alone says of a person, in the form Backstage's templates expect. */
function userEntity(ref: string): Record<string, unknown> {
  const [, namespace = 'default', name = ref] = /^(?:[^:/]+:)?(?:([^:/]+)\/)?([^:/]+)$/.exec(ref) ?? [];
  // People sign in by their address; programs have none.
  const spec = /^[^@\s]+@[^@\s]+$/.test(ref) ? { profile: { email: ref } } : {};
  return { apiVersion: 'backstage.io/v1alpha1', kind: 'User', metadata: { name, namespace }, spec };
}
