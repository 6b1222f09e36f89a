import { Ajv } from 'ajv';
import type { AnySchemaObject, ErrorObject, Format, KeywordErrorDefinition, Options, SchemaValidateFunction, ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { compilePattern } from './patterns.js';

/** Compiled once per schema object. Throws what ajv throws when it cannot be. */
export function compileSchema(schema: AnySchemaObject): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  // One of its own, since an ajv keeps all it ever compiled. What is compiled here was checked before.
  const validate = createAjv({ validateSchema: false }).compile(schema);
  compiled.set(schema, validate);
  return validate;
}

const compiled = new WeakMap<AnySchemaObject, ValidateFunction>();

/** What in it breaks JSON Schema's own rules. */
export function schemaErrors(schema: AnySchemaObject): ErrorObject[] {
  checker ??= createAjv();
  // Only a schema that says "$async" is checked in a promise, and the meta-schema does not.
  void checker.validateSchema(schema);
  return checker.errors ?? [];
}

let checker: Ajv | undefined;
const heldTwice: KeywordErrorDefinition = { message: 'must not hold the same entry twice' };

function createAjv(options: Options = {}): Ajv {
  const ajv = new Ajv({
    ...{ ...options, strict: false, allErrors: true, verbose: true, logger: false },
    // For `patternProperties`; `pattern` is our own below.
    code: { regExp: Object.assign(propertyPattern, { code: 'propertyPattern' }) },
  });
  for (const [name, format] of Object.entries(fullFormats as Record<string, Format>)) ajv.addFormat(name, bounded(name, format));
  ajv.removeKeyword('pattern');
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', error: heldTwice, validate: holdsNoneTwice });
  ajv.addKeyword({ keyword: 'pattern', type: 'string', schemaType: 'string', errors: true, validate: checkPattern });
  return ajv;
}

const longestFormatted = 2_048;

/** Some of the formats' own patterns take time by the square of the length; what they describe is short. */
function bounded(name: string, format: Format): Format {
  if (['byte', 'binary', 'password'].includes(name) || typeof format === 'string') return format;
  const holds = testOf(format);
  return holds ? (text: string) => text.length <= longestFormatted && holds(text) : format;
}

function testOf(format: Format): ((text: string) => boolean) | null {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === 'function') return format;
  if (typeof format !== 'object' || format.async || format.type === 'number') return null;
  const { validate } = format;
  return validate instanceof RegExp ? (text) => validate.test(text) : typeof validate === 'function' ? (validate as (text: string) => boolean) : null;
}

function propertyPattern(source: string): { test: (name: string) => boolean; toString: () => string } {
  return { test: (name) => compilePattern(source)?.match(name) === true, toString: () => source };
}

/** Instead of ajv's own, which compares every entry with every other. */
function holdsNoneTwice(asked: boolean, list: unknown[]): boolean {
  return !asked || new Set(list.map((item) => JSON.stringify(item, inOrder))).size === list.length;
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

const longestMatched = 10_000;

/**
 * Instead of ajv's own, which would run a pattern on a text of any length for any time. A text that is too long is
 * left to `maxLength`, or refused; a pattern that takes too long is stopped and the value refused.
 */
const checkPattern: SchemaValidateFunction = (source: string, value: string, parent?: AnySchemaObject): boolean => {
  const limit = typeof parent?.['maxLength'] === 'number' ? parent['maxLength'] : null;
  if (limit !== null && value.length > limit) return true;
  const report = (message: string, code: string) => {
    // For a keyword of ours ajv does not add where it stands; the author's own words do.
    checkPattern.errors = [{ keyword: 'pattern', message, params: { code }, ...(parent ? { parentSchema: parent } : {}) }];
    return false;
  };
  if (value.length > longestMatched) return report(`must be at most ${longestMatched} characters long`, 'too_long');
  const outcome = compilePattern(source)?.match(value) ?? false;
  if (outcome === 'too slow') return report('cannot be checked in reasonable time and is therefore refused', 'pattern_too_slow');
  return outcome || report(`must match the pattern ${source}`, 'pattern');
};
