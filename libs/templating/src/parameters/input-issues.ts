import type { InputIssue } from '@slipway/contracts';
import type { AnySchemaObject, ErrorObject } from 'ajv';
import { isRecord, unescapePointer } from './parameter-pages.js';

const mostTold = 200;

/** A validator's errors as a form shows them: where, and in a sentence that begins with the field's title. */
export function issuesOf(errors: readonly ErrorObject[], entries: ReadonlyMap<string, AnySchemaObject>): InputIssue[] {
  // `if` only says that one of its branches failed, and the branch speaks for itself.
  const telling = withoutOtherBranches(errors.filter((error) => error.keyword !== 'if').slice(0, mostTold));
  return withoutRepeats(telling.map((error) => issueOf(error, entries)));
}

/**
 * Of a `oneOf` that nothing fits, the validator tells what every branch lacks. A person meant one of them: the one whose
 * fixed values fit. When none does, it is the fixed value that is wrong, and it may be any of theirs.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const choice = errors.find((error) => ['oneOf', 'anyOf'].includes(error.keyword) && branchErrors(error, errors).size > 0);
  if (!choice) return [...errors];
  const branches = [...branchErrors(choice, errors).values()];
  const others = errors.filter((error) => error !== choice && !branches.some((branch) => branch.includes(error)));
  const meant = branches.filter((branch) => !branch.some(isFixedValue)).sort((a, b) => a.length - b.length)[0];
  return withoutOtherBranches([...others, ...(meant ?? [fixedValues(branches) ?? choice])]);
}

function branchErrors(choice: ErrorObject, errors: readonly ErrorObject[]): Map<string, ErrorObject[]> {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    if (!error.schemaPath.startsWith(`${choice.schemaPath}/`) || !error.instancePath.startsWith(choice.instancePath)) continue;
    const index = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
    branches.set(index, [...(branches.get(index) ?? []), error]);
  }
  return branches;
}

function isFixedValue(error: ErrorObject): boolean {
  return error.keyword === 'const' || error.keyword === 'enum';
}

/** The fixed values of all branches as one enumeration, when they are of the same field. */
function fixedValues(branches: readonly ErrorObject[][]): ErrorObject | undefined {
  const fixed = branches.flatMap((branch) => branch.filter(isFixedValue).slice(0, 1));
  const [first] = fixed;
  if (!first || fixed.some((error) => error.instancePath !== first.instancePath)) return undefined;
  const allowedValues = fixed.flatMap(({ params }): unknown[] =>
    Array.isArray(params['allowedValues']) ? (params['allowedValues'] as unknown[]) : [params['allowedValue']],
  );
  return { ...first, keyword: 'enum', params: { allowedValues: [...new Set(allowedValues)] } };
}

function issueOf(fault: ErrorObject, entries: ReadonlyMap<string, AnySchemaObject>): InputIssue {
  const steps = fault.instancePath.split('/').slice(1).map(unescapePointer);
  const named: unknown = fault.params['missingProperty'] ?? fault.params['additionalProperty'];
  if (typeof named === 'string') steps.push(named);
  const special: unknown = fault.params['code'];
  return {
    path: ['properties', ...steps].join('.'),
    code: typeof special === 'string' ? special : fault.keyword,
    message: sentence(labelOf(fault, steps, entries), authorsWords(fault) ?? ruleInWords(fault, entries)),
  };
}

function labelOf(fault: ErrorObject, steps: readonly string[], entries: ReadonlyMap<string, AnySchemaObject>): string {
  const [name] = steps;
  if (name === undefined) return 'The input';
  if (steps.length === 1) return titleIn(entries.get(name)) ?? name;
  const last = steps.at(-1) ?? '';
  if ('additionalProperty' in fault.params) return last;
  const own = 'missingProperty' in fault.params ? titleIn(recordIn(fault.parentSchema, 'properties')[last]) : titleIn(fault.parentSchema);
  return own ?? (/^\d+$/.test(last) ? `${titleIn(entries.get(name)) ?? name}, number ${Number(last) + 1},` : last);
}

function titleIn(schema: unknown): string | undefined {
  return isRecord(schema) && typeof schema['title'] === 'string' ? schema['title'] : undefined;
}

function recordIn(schema: unknown, key: string): Record<string, unknown> {
  return isRecord(schema) && isRecord(schema[key]) ? schema[key] : {};
}

function authorsWords(fault: ErrorObject): string | undefined {
  const words: unknown = fault.parentSchema?.['errorMessage'];
  if (typeof words === 'string') return fault.keyword === 'pattern' && fault.params['code'] === 'pattern' ? words : undefined;
  const forKeyword: unknown = isRecord(words) ? words[fault.keyword] : undefined;
  return typeof forKeyword === 'string' ? forKeyword : undefined;
}

function ruleInWords(fault: ErrorObject, entries: ReadonlyMap<string, AnySchemaObject>): string {
  const limit = String(fault.params['limit']);
  switch (fault.keyword) {
    case 'required':
      return 'is required';
    case 'dependencies':
    case 'dependentRequired': {
      const because = String(fault.params['property']);
      return `is required when ${titleIn(entries.get(because)) ?? because} is given`;
    }
    case 'type':
      return `must be ${typeInWords(fault.params['type'])}`;
    case 'enum':
      return `must be one of: ${(fault.params['allowedValues'] as unknown[]).map(String).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(fault.params['allowedValue'])}`;
    case 'maxLength':
      return `must be at most ${limit} characters long`;
    case 'minLength':
      return limit === '1' ? 'must not be empty' : `must be at least ${limit} characters long`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'exclusiveMinimum':
      return `must be more than ${limit}`;
    case 'exclusiveMaximum':
      return `must be less than ${limit}`;
    case 'multipleOf':
      return `must be a multiple of ${String(fault.params['multipleOf'])}`;
    case 'minItems':
      return limit === '1' ? 'must not be empty' : `must have at least ${limit} entries`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'uniqueItems':
      return 'must not hold the same entry twice';
    case 'additionalProperties':
      return 'is not asked for';
    case 'oneOf':
    case 'anyOf':
      return 'must follow one of the ways it may be filled in';
    case 'format':
      return `must be a valid ${String(fault.params['format'])}`;
    case 'not':
      return 'has a value that is not allowed';
    default:
      return fault.message ?? `breaks the rule "${fault.keyword}"`;
  }
}

function typeInWords(type: unknown): string {
  const names: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a group of values',
    null: 'empty',
  };
  const types: unknown[] = Array.isArray(type) ? type : String(type).split(',');
  return types.map((one) => names[String(one)] ?? String(one)).join(' or ');
}

/** A rule reads on from the label; an author's text that begins with a capital stands for itself. */
function sentence(label: string, words: string): string {
  const text = /^\p{Lu}/u.test(words) ? words : `${label} ${words}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function withoutRepeats(issues: readonly InputIssue[]): InputIssue[] {
  const seen = new Set<string>();
  return issues.filter(({ path, message }) => {
    const key = `${path}\n${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
