import type { InputIssue } from '@slipway/contracts';
import type { Plan, TypedSecret } from '@slipway/engine';
import type { CheckedParameters } from './check-parameters.js';
import { checkRequest, type RequestForm } from './check-request.js';
import { entriesOfPages } from './parameter-pages.js';

/** The plan of a run says what was typed, without the values. */
export function withTypedSecrets(plan: Plan, form: RequestForm, typed: Record<string, string>): Plan {
  const names = Object.keys(typed);
  return names.length === 0 ? plan : { ...plan, secrets: names.map((name) => typedSecret(form, name)) };
}

/** What a run keeps of a secret field, so that its value can be asked for again, by whatever the template has become since. */
function typedSecret(form: RequestForm, name: string): TypedSecret {
  const schemas = [...form.parameters, form.secrets?.schema ?? {}].flatMap((page) => entriesOfPages([page]).get(name) ?? []);
  const titles: unknown[] = schemas.map((schema: Record<string, unknown>) => schema['title']);
  const title = titles.find((text) => typeof text === 'string') ?? name;
  return { name, title, schema: { allOf: schemas.map(rulesOf) } };
}

/** Of those that a run was given; there may be fewer than all. */
export function checkTypedAgain(known: readonly TypedSecret[], given: Record<string, unknown>): Pick<CheckedParameters, 'secrets' | 'issues'> {
  const properties = Object.fromEntries(known.map(({ name, title, schema }) => [name, { ...schema, title }]));
  const { secrets, issues } = checkRequest({ parameters: [], secrets: { schema: { properties } } }, { properties: {}, secrets: given });
  return { secrets, issues };
}

/** Of the retry that leaves them out. */
export function neededAgain({ name, title }: Pick<TypedSecret, 'name' | 'title'>): InputIssue {
  return { path: `secrets.${name}`, code: 'required', message: `${title} is needed again.` };
}

/** Without what a form shows, and without a default: nobody typed that. */
function rulesOf(schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !key.startsWith('ui:') && !['title', 'default', 'examples'].includes(key)));
}
