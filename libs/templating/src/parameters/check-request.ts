import type { FormPage, InputIssue } from '@slipway/contracts';
import type { CheckedParameters } from './check-parameters.js';
import { checkParameters } from './check-parameters.js';
import { issuesOf } from './input-issues.js';
import { compilePage, entriesOfPages } from './parameter-pages.js';
import { secretFields } from './secret-fields.js';
import { secretTextIssues } from './secret-text.js';

/** What a template asks for: the form, and secrets that only a program gives. */
export interface RequestForm {
  parameters: readonly FormPage[];
  secrets?: { schema?: FormPage | undefined } | undefined;
}

export interface GivenInputs {
  properties: Record<string, unknown>;
  /** Secrets apart from the rest, as programs send them; a form sends its own among the properties. */
  secrets?: Record<string, unknown>;
}

/**
 * Everything a request brings, checked at once: the form's pages, what is a secret among it, and `spec.secrets.schema` over
 * all secrets together. A secret left empty is one that was not given.
 */
export function checkRequest(form: RequestForm, { properties, secrets = {} }: GivenInputs): CheckedParameters {
  const fields = secretFields(form.parameters);
  const ofForm = Object.entries(secrets).filter(([name]) => fields.has(name));
  const checked = checkParameters(form.parameters, withoutEmpty({ ...properties, ...Object.fromEntries(ofForm) }, fields));
  const { further, issues } = furtherSecrets(form, secrets, fields);
  const typed = { ...checked.secrets, ...further };
  const all = [...checked.issues, ...issues, ...textIssues(typed, fields), ...schemaIssues(form, typed, fields)];
  return { values: checked.values, secrets: typed, issues: withoutRepeats(all.map((issue) => atItsPlace(issue, secrets, fields))) };
}

function withoutEmpty(properties: Record<string, unknown>, fields: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name, value]) => value !== '' || !fields.has(name)));
}

/** Those that no field of the form asks for. */
function furtherSecrets(
  form: RequestForm,
  given: Record<string, unknown>,
  fields: ReadonlySet<string>,
): { further: Record<string, string>; issues: InputIssue[] } {
  const known = entriesOfPages([form.secrets?.schema ?? {}]);
  const further: Record<string, string> = {};
  const issues: InputIssue[] = [];
  for (const [name, value] of Object.entries(given)) {
    const path = `secrets.${name.slice(0, 200)}`;
    if (fields.has(name) || value === '') continue;
    if (!known.has(name)) issues.push({ path, code: 'unknown', message: `"${name.slice(0, 200)}" is no secret that this action asks for.` });
    else if (typeof value !== 'string') issues.push({ path, code: 'type', message: `"${name}" is a secret and must be a text.` });
    else further[name] = value;
  }
  return { further, issues };
}

function textIssues(typed: Record<string, string>, fields: ReadonlySet<string>): InputIssue[] {
  return Object.entries(typed).flatMap(([name, value]) => secretTextIssues(value, `${fields.has(name) ? 'properties' : 'secrets'}.${name}`, name));
}

function schemaIssues({ secrets }: RequestForm, typed: Record<string, string>, fields: ReadonlySet<string>): InputIssue[] {
  if (!secrets?.schema) return [];
  const validate = compilePage(secrets.schema);
  if (validate(typed)) return [];
  const issues = issuesOf(validate.errors ?? [], entriesOfPages([secrets.schema]));
  return issues.map((issue) => (fields.has(nameIn(issue)) ? issue : { ...issue, path: apart(issue) }));
}

/** Where whoever sent it has it. */
function atItsPlace(issue: InputIssue, given: Record<string, unknown>, fields: ReadonlySet<string>): InputIssue {
  const name = nameIn(issue);
  return fields.has(name) && Object.hasOwn(given, name) ? { ...issue, path: apart(issue) } : issue;
}

function nameIn({ path }: InputIssue): string {
  return path.split('.')[1] ?? '';
}

function apart({ path }: InputIssue): string {
  return path.replace(/^properties/, 'secrets');
}

function withoutRepeats(issues: InputIssue[]): InputIssue[] {
  return issues.filter(({ path, code }, at) => issues.findIndex((other) => other.path === path && other.code === code) === at);
}
