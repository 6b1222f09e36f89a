import type { FormPage } from '@slipway/contracts';
import type { AnySchemaObject, ValidateFunction } from 'ajv';
import { nearest } from '../template/nearest.js';
import { compilePattern } from './patterns.js';
import { compileSchema, schemaErrors } from './schema-compiler.js';

/**
 * A form's pages as JSON Schema (draft 7 and formats; `ui:*` and other unknown keywords say nothing). Every page is
 * checked against all values, since a page may depend on what another one asked.
 */
export function compilePage(page: FormPage): ValidateFunction {
  const known = compiled.get(page);
  if (known) return known;
  const validate = compileSchema(usablePage(page));
  compiled.set(page, validate);
  return validate;
}

const compiled = new WeakMap<FormPage, ValidateFunction>();

/** The page without what is no JSON Schema in it: a page must load as it does in Backstage, which overlooks such things. */
export function usablePage(page: FormPage): AnySchemaObject {
  const known = usable.get(page);
  if (known) return known;
  // A page must not refuse what the others ask for; what no page asks for is refused over all of them together.
  const made = mend({ ...structuredClone(page), additionalProperties: true, type: 'object' }).schema;
  usable.set(page, made);
  return made;
}

const usable = new WeakMap<FormPage, AnySchemaObject>();

/** `path` within the page. An error keeps the page from being used. */
export interface PageFault {
  severity: 'error' | 'warning';
  path: readonly string[];
  message: string;
}

export function pageFaults(page: FormPage): PageFault[] {
  const { faults } = mend(structuredClone(page));
  try {
    compilePage(page);
  } catch (error) {
    const message = `This page is no valid JSON Schema: ${error instanceof Error ? error.message : String(error)}`;
    return [...faults, { severity: 'error', path: [], message }];
  }
  return [...faults, ...patternFaults(page, [])];
}

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

/** Takes out what breaks JSON Schema's own rules, with a word on each; a type that is none is the one thing that is fatal. */
function mend(schema: AnySchemaObject): { schema: AnySchemaObject; faults: PageFault[] } {
  const faults = new Map<string, PageFault>();
  for (let round = 0; round < 20; round++) {
    const errors = schemaErrors(schema);
    if (errors.length === 0) break;
    for (const { instancePath, message } of errors) {
      const path = instancePath.split('/').slice(1).map(unescapePointer);
      const removed = takeOut(schema, path);
      if (removed === undefined || faults.has(instancePath)) continue;
      faults.set(instancePath, faultOf(path, removed.value, message ?? 'is not allowed'));
    }
  }
  return { schema, faults: [...faults.values()] };
}

function faultOf(path: readonly string[], value: unknown, message: string): PageFault {
  const keyword = path.at(-1) ?? '';
  const shown = JSON.stringify(value)?.slice(0, 60);
  if (keyword === 'type' && typeof value === 'string') {
    const meant = nearest(value, types);
    return { severity: 'error', path, message: `There is no type ${shown}${meant ? `; did you mean "${meant}"?` : '.'}` };
  }
  return { severity: 'warning', path, message: `"${keyword}: ${shown}" is ignored: it ${message}.` };
}

function takeOut(schema: AnySchemaObject, path: readonly string[]): { value: unknown } | undefined {
  const last = path.at(-1);
  let parent: unknown = schema;
  for (const part of path.slice(0, -1)) parent = isRecord(parent) || Array.isArray(parent) ? Reflect.get(parent, part) : undefined;
  if (last === undefined || typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, last)) return undefined;
  const value: unknown = Reflect.get(parent, last);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(parent, last);
  return { value };
}

function patternFaults(schema: unknown, path: readonly string[]): PageFault[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const at = [...path, key];
    // A field may itself be called "pattern"; its value is then an object.
    if (key === 'pattern' && typeof value === 'string') return patternFault(value, at);
    if (key === 'patternProperties' && isRecord(value)) return Object.keys(value).flatMap((source) => patternFault(source, at));
    return key === 'default' || key === 'enum' || key === 'const' ? [] : patternFaults(value, at);
  });
}

function patternFault(source: string, path: readonly string[]): PageFault[] {
  const pattern = compilePattern(source);
  if (!pattern) return [{ severity: 'error', path, message: `"${source}" is no regular expression.` }];
  if (pattern.linear) return [];
  return [
    {
      severity: 'warning',
      path,
      message:
        `"${source}" looks ahead, refers back or repeats more than 1000 times, so that a match could take any time: it is ` +
        'watched, and a value that takes longer than 0.1 s is refused. Say it without, for example with "not".',
    },
  ];
}

/** Every property that any page may ask for, by name: those of conditions and dependencies too. */
export function entriesOfPages(pages: readonly FormPage[]): Map<string, AnySchemaObject> {
  const entries = new Map<string, AnySchemaObject>();
  for (const page of pages) {
    // The first to say something of a property says what it is called; a branch often only narrows it.
    for (const [name, property] of mentionsIn(page)) if (!entries.has(name)) entries.set(name, property);
  }
  return entries;
}

/** Every property, as often as something is said of it. */
export function mentionsIn(schema: unknown): [name: string, property: AnySchemaObject][] {
  if (!isRecord(schema)) return [];
  const own = Object.entries(isRecord(schema['properties']) ? schema['properties'] : {});
  const mentions = own.map(([name, property]): [string, AnySchemaObject] => [name, isRecord(property) ? property : {}]);
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[keyword];
    if (Array.isArray(branches)) mentions.push(...branches.flatMap(mentionsIn));
  }
  for (const keyword of ['if', 'then', 'else']) mentions.push(...mentionsIn(schema[keyword]));
  for (const keyword of ['dependencies', 'dependentSchemas']) {
    mentions.push(...Object.values(isRecord(schema[keyword]) ? schema[keyword] : {}).flatMap(mentionsIn));
  }
  return mentions;
}

export function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
