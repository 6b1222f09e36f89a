import { createContext, Script } from 'node:vm';
import type { FormPage } from '@slipway/contracts';
import { Ajv } from 'ajv';
import type { AnySchemaObject, Format, SchemaValidateFunction, ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';

/**
 * A form's pages as JSON Schema (draft 7 and formats; `ui:*` and other unknown keywords say nothing). Every page is
 * checked against all values, since a page may depend on what another one asked.
 */
export function compilePage(page: FormPage): ValidateFunction {
  const known = compiled.get(page);
  if (known) return known;
  // A page must not refuse what the others ask for; what no page asks for is refused over all of them together.
  const validate = createAjv().compile({ ...page, additionalProperties: true, type: 'object' });
  compiled.set(page, validate);
  return validate;
}

const compiled = new WeakMap<FormPage, ValidateFunction>();

/** What keeps a page from being used, in words. */
export function pageFaults(page: FormPage): string[] {
  try {
    compilePage(page);
  } catch (error) {
    return [`This page is no valid JSON Schema: ${error instanceof Error ? error.message : String(error)}`];
  }
  return patternsIn(page).flatMap((pattern) => (regExpFlags(pattern) !== null ? [] : [`"${pattern}" is no regular expression.`]));
}

/** Every property that any page may ask for, by name: those of conditions and dependencies too. */
export function entriesOfPages(pages: readonly FormPage[]): Map<string, AnySchemaObject> {
  const entries = new Map<string, AnySchemaObject>();
  for (const page of pages) collectEntries(page, entries);
  return entries;
}

function collectEntries(schema: unknown, entries: Map<string, AnySchemaObject>): void {
  if (!isRecord(schema)) return;
  for (const [name, property] of Object.entries(isRecord(schema['properties']) ? schema['properties'] : {})) {
    // The first to say something of a property says what it is called; a branch often only narrows it.
    if (!entries.has(name)) entries.set(name, isRecord(property) ? property : {});
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[keyword];
    if (Array.isArray(branches)) for (const branch of branches) collectEntries(branch, entries);
  }
  for (const keyword of ['if', 'then', 'else']) collectEntries(schema[keyword], entries);
  for (const dependency of Object.values(isRecord(schema['dependencies']) ? schema['dependencies'] : {})) {
    collectEntries(dependency, entries);
  }
}

function createAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, useDefaults: true, verbose: true, logger: false });
  for (const [name, format] of Object.entries(fullFormats as Record<string, Format>)) ajv.addFormat(name, format);
  ajv.removeKeyword('pattern');
  ajv.addKeyword({ keyword: 'pattern', type: 'string', schemaType: 'string', errors: true, validate: checkPattern });
  return ajv;
}

const longestMatched = 1_000;
const matchTimeoutMs = 100;

/**
 * Instead of ajv's own, which would run a pattern on a text of any length for any time. A text that is too long is
 * left to `maxLength`, or refused; a pattern that takes too long is stopped and the value refused.
 */
const checkPattern: SchemaValidateFunction = (pattern: string, value: string, parent?: AnySchemaObject): boolean => {
  const limit = typeof parent?.['maxLength'] === 'number' ? parent['maxLength'] : null;
  if (limit !== null && value.length > limit) return true;
  const report = (message: string, code: string) => {
    // For a keyword of ours ajv does not add where it stands; the author's own words do.
    checkPattern.errors = [{ keyword: 'pattern', message, params: { code }, ...(parent ? { parentSchema: parent } : {}) }];
    return false;
  };
  if (value.length > longestMatched) return report(`must be at most ${longestMatched} characters long`, 'too_long');
  const outcome = matches(pattern, value);
  if (outcome === 'too slow') return report('cannot be checked in reasonable time and is therefore refused', 'pattern_too_slow');
  return outcome || report(`must match the pattern ${pattern}`, 'pattern');
};

const matching = createContext({ pattern: '', flags: '', value: '' });
const match = new Script('new RegExp(pattern, flags).test(value)');

/** In a context of its own, since only a script can be stopped in the middle of a match. */
function matches(pattern: string, value: string): boolean | 'too slow' {
  try {
    Object.assign(matching, { pattern, flags: regExpFlags(pattern) ?? '', value });
    return match.runInContext(matching, { timeout: matchTimeoutMs }) === true;
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too slow';
    throw error;
  }
}

/** The flags a pattern compiles with, `u` where it can; null when it compiles with none. */
function regExpFlags(pattern: string): string | null {
  for (const flags of ['u', '']) {
    try {
      new RegExp(pattern, flags);
      return flags;
    } catch {
      continue;
    }
  }
  return null;
}

function patternsIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(patternsIn);
  if (!isRecord(schema)) return [];
  const own = typeof schema['pattern'] === 'string' ? [schema['pattern']] : [];
  return [...own, ...Object.values(schema).flatMap(patternsIn)];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
