import type { FormPage, InputIssue } from '@slipway/contracts';
import type { AnySchemaObject, ErrorObject } from 'ajv';
import { compilePage, entriesOfPages } from './parameter-pages.js';

/** The values with every default applied, and all that is wrong with them; use the values only when there are no issues. */
export interface CheckedParameters {
  values: Record<string, unknown>;
  issues: InputIssue[];
}

/**
 * Checks what a form sent against all pages together. Every fault is reported at once, under `properties.NAME`, in a
 * sentence a form can show. A property may carry `errorMessage`: a text for its pattern, or one per keyword.
 */
export function checkParameters(pages: readonly FormPage[], properties: Record<string, unknown>): CheckedParameters {
  const hostile = hostileIssues(properties);
  if (hostile.length > 0) return { values: {}, issues: hostile };
  const entries = entriesOfPages(pages);
  const values = structuredClone(properties);
  // First for the defaults alone: a condition on one page may look at a default of another.
  for (const page of pages) compilePage(page)(values);
  const faults = pages.flatMap((page) => {
    const validate = compilePage(page);
    return validate(values) ? [] : [...(validate.errors ?? [])];
  });
  const unknown = Object.keys(values).filter((name) => !entries.has(name));
  const issues = [
    ...unknown.map((name) => ({
      path: `properties.${name}`,
      code: 'unknown',
      message: `"${name}" is not asked for by this action.`,
    })),
    // `if` only says that one of its branches failed, and the branch speaks for itself.
    ...faults.filter((fault) => fault.keyword !== 'if').map((fault) => issueOf(fault, entries)),
  ];
  return { values, issues: withoutRepeats(issues) };
}

const reserved = ['__proto__', 'constructor', 'prototype'];
const deepest = 32;
const largest = 10_000;

/** Names that reach into an object's prototype, and structures too deep or too large to walk; found without recursion. */
function hostileIssues(properties: Record<string, unknown>): InputIssue[] {
  const issues: InputIssue[] = [];
  const queue: { value: object; path: string; depth: number }[] = [{ value: properties, path: 'properties', depth: 0 }];
  for (let at = 0; at < queue.length; at++) {
    const { value, path, depth } = queue[at]!;
    if (queue.length > largest) return [{ path: 'properties', code: 'too_large', message: 'There are too many values.' }];
    if (depth > deepest)
      return [{ path: path.slice(0, 200), code: 'too_deep', message: `Values may be nested at most ${deepest} deep.` }];
    for (const [key, item] of Object.entries(value)) {
      const itemPath = `${path}.${key}`;
      if (reserved.includes(key)) issues.push({ path: itemPath, code: 'reserved', message: `"${key}" is no allowed name.` });
      else if (typeof item === 'object' && item !== null) queue.push({ value: item as object, path: itemPath, depth: depth + 1 });
    }
  }
  return issues;
}

function issueOf(fault: ErrorObject, entries: ReadonlyMap<string, AnySchemaObject>): InputIssue {
  const missing: unknown = fault.params['missingProperty'];
  const steps = fault.instancePath.split('/').slice(1).map(unescapePointer);
  if (typeof missing === 'string') steps.push(missing);
  const [name] = steps;
  const title: unknown = name === undefined ? undefined : entries.get(name)?.['title'];
  const label = typeof title === 'string' ? title : (name ?? 'The input');
  const special: unknown = fault.params['code'];
  return {
    path: ['properties', ...steps].join('.'),
    code: typeof special === 'string' ? special : fault.keyword,
    message: sentence(label, authorsWords(fault) ?? ruleInWords(fault)),
  };
}

function authorsWords(fault: ErrorObject): string | undefined {
  const words: unknown = fault.parentSchema?.['errorMessage'];
  if (typeof words === 'string') return fault.keyword === 'pattern' && fault.params['code'] === 'pattern' ? words : undefined;
  const forKeyword: unknown =
    typeof words === 'object' && words !== null ? (words as Record<string, unknown>)[fault.keyword] : undefined;
  return typeof forKeyword === 'string' ? forKeyword : undefined;
}

function ruleInWords(fault: ErrorObject): string {
  const limit = String(fault.params['limit']);
  switch (fault.keyword) {
    case 'required':
      return 'is required';
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

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function withoutRepeats(issues: readonly InputIssue[]): InputIssue[] {
  return issues.filter(
    (issue, index) => issues.findIndex((other) => other.path === issue.path && other.message === issue.message) === index,
  );
}
