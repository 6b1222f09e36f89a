import type { FormPage, InputIssue } from '@slipway/contracts';
import { applyDefaults } from './default-values.js';
import { issuesOf } from './input-issues.js';
import { compilePage, entriesOfPages, usablePage } from './parameter-pages.js';
import { allowMatchingTime } from './patterns.js';
import { pickerIssues } from './picker-issues.js';
import { secretFields } from './secret-fields.js';

/** The values with every default applied, and all that is wrong with them; use the values only when there are no issues. */
export interface CheckedParameters {
  /** Without the secrets, since values rest in clear. */
  values: Record<string, unknown>;
  /** What was typed into secret fields. */
  secrets: Record<string, string>;
  issues: InputIssue[];
}

/**
 * Checks what a form sent against all pages together. Every fault is reported at once, under `properties.NAME`, in a
 * sentence a form can show, and none of them quotes a value. A property may carry `errorMessage`: a text for its pattern,
 * or one per keyword.
 */
export function checkParameters(pages: readonly FormPage[], properties: Record<string, unknown>): CheckedParameters {
  const hostile = hostileIssues(properties);
  if (hostile.length > 0) return { values: {}, secrets: {}, issues: hostile };
  allowMatchingTime();
  const entries = entriesOfPages(pages);
  const values = structuredClone(properties);
  applyDefaults(pages.map(usablePage), values);
  const faults = pages.flatMap((page) => {
    const validate = compilePage(page);
    return validate(values) ? [] : [...(validate.errors ?? [])];
  });
  const issues = [...unknownIssues(values, entries), ...issuesOf(faults, entries), ...pickerIssues(values, entries)];
  return { ...parted(values, secretFields(pages), issues), issues };
}

function unknownIssues(values: Record<string, unknown>, entries: ReadonlyMap<string, unknown>): InputIssue[] {
  return Object.keys(values)
    .filter((name) => !entries.has(name))
    .map((name) => ({ path: `properties.${name}`, code: 'unknown', message: `"${name}" is not asked for by this action.` }));
}

/** A secret of another type than text is an issue, since no expression could use it. */
function parted(
  values: Record<string, unknown>,
  secret: ReadonlySet<string>,
  issues: InputIssue[],
): Pick<CheckedParameters, 'values' | 'secrets'> {
  const secrets: Record<string, string> = {};
  for (const name of secret) {
    const value = values[name];
    if (typeof value === 'string') secrets[name] = value;
    else if (value !== undefined)
      issues.push({ path: `properties.${name}`, code: 'type', message: `"${name}" is a secret and must be a text.` });
  }
  return { values: Object.fromEntries(Object.entries(values).filter(([name]) => !secret.has(name))), secrets };
}

const reserved = ['__proto__', 'constructor', 'prototype'];
const deepest = 32;
const largest = 10_000;
const longestName = 200;

/** Names that reach into an object's prototype, and structures too deep or too large to walk; found without recursion. */
function hostileIssues(properties: Record<string, unknown>): InputIssue[] {
  const issues: InputIssue[] = [];
  const queue: { value: object; path: string; depth: number }[] = [{ value: properties, path: 'properties', depth: 0 }];
  let seen = 0;
  for (let at = 0; at < queue.length; at++) {
    const { value, path, depth } = queue[at]!;
    const entries = Object.entries(value);
    seen += entries.length;
    if (seen > largest) return [{ path: 'properties', code: 'too_large', message: 'There are too many values.' }];
    if (depth > deepest)
      return [{ path: path.slice(0, 200), code: 'too_deep', message: `Values may be nested at most ${deepest} deep.` }];
    for (const [key, item] of entries) {
      const itemPath = `${path}.${key.slice(0, longestName)}`;
      if (reserved.includes(key)) issues.push({ path: itemPath, code: 'reserved', message: `"${key}" is no allowed name.` });
      else if (key.length > longestName) issues.push({ path: itemPath, code: 'too_long', message: 'A name is too long.' });
      else if (typeof item === 'object' && item !== null) queue.push({ value: item as object, path: itemPath, depth: depth + 1 });
    }
  }
  return issues;
}
