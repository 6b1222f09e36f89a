import { type OutputUnit, Validator } from '@cfworker/json-schema';

/** One rule that a value breaks: where the value is (`['app_name']`), which rule, and a sentence for people. */
export interface Issue {
  path: string[];
  keyword: string;
  message: string;
}

/**
 * Checks values before they are sent, so that people hear at once; the server checks again and has the last word. The
 * sentences are those of the server, `errorMessage` included. The validator interprets the schema: one that compiles it
 * would need a content security policy that lets pages make code of strings.
 */
export function issuesOf(schema: Record<string, unknown>, values: unknown): Issue[] {
  const { errors } = new Validator(schema, '7', false).validate(plainJson(values));
  const telling = errors.filter(({ keyword }) => !wrappers.has(keyword));
  const issues = telling.filter((error) => !isWithinAlternative(error)).map((error) => issueOf(schema, error));
  issues.sort((one, other) => placeOf(schema, one) - placeOf(schema, other));
  return issues.filter((issue, index) => issues.findIndex((other) => other.message === issue.message && other.path.join() === issue.path.join()) === index);
}

/** As the form shows its fields, so that the first fault is the topmost. */
function placeOf(schema: Record<string, unknown>, { path: [name = ''] }: Issue): number {
  const place = isObject(schema['properties']) ? Object.keys(schema['properties']).indexOf(name) : -1;
  return place === -1 ? Number.MAX_SAFE_INTEGER : place;
}

/** Keywords that only say that something below them failed, which speaks for itself. */
const wrappers = new Set(['properties', 'patternProperties', 'items', 'allOf', 'if', 'then', 'else', '$ref', 'dependencies', 'dependentSchemas', 'false']);

/** The branches of a choice fail all but one; only the choice itself is worth telling. */
function isWithinAlternative({ keywordLocation }: OutputUnit): boolean {
  return /\/(anyOf|oneOf|not)\/./.test(keywordLocation);
}

function issueOf(root: Record<string, unknown>, { keyword, keywordLocation, instanceLocation, error }: OutputUnit): Issue {
  const path = pointerParts(instanceLocation);
  const schema = parentSchema(root, keywordLocation);
  const missing = keyword === 'required' ? /"(.*)"/.exec(error)?.[1] : undefined;
  if (missing !== undefined) path.push(missing);
  const words = authorsWords(schema, keyword) ?? ruleInWords(schema, keyword) ?? error;
  return { path, keyword, message: sentence(titleAt(root, path), words) };
}

function authorsWords(schema: Record<string, unknown>, keyword: string): string | undefined {
  const words = schema['errorMessage'];
  if (typeof words === 'string') return keyword === 'pattern' ? words : undefined;
  return isObject(words) && typeof words[keyword] === 'string' ? words[keyword] : undefined;
}

function ruleInWords(schema: Record<string, unknown>, keyword: string): string | undefined {
  const limit = String(schema[keyword]);
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'type':
      return `must be ${typesInWords[limit] ?? limit}`;
    case 'enum':
      return `must be one of: ${[schema['enum']].flat().map(String).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(schema['const'])}`;
    case 'minLength':
      return limit === '1' ? 'must not be empty' : `must be at least ${limit} characters long`;
    case 'maxLength':
      return `must be at most ${limit} characters long`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'minItems':
      return `must have at least ${limit} entries`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'uniqueItems':
      return 'must not hold the same entry twice';
    case 'pattern':
      return `must match the pattern ${limit}`;
    case 'format':
      return `must be a valid ${limit}`;
    case 'not':
      return 'has a value that is not allowed';
    case 'anyOf':
    case 'oneOf':
      return 'fits none of the choices';
    default:
      return undefined;
  }
}

const typesInWords: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of values',
};

/** A rule reads on from the field's title; an author's text that begins with a capital stands for itself. */
function sentence(title: string, words: string): string {
  const text = /^\p{Lu}/u.test(words) ? words : `${title} ${words}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function titleAt(root: Record<string, unknown>, path: readonly string[]): string {
  const [name] = path;
  if (name === undefined) return 'The input';
  const properties = root['properties'];
  const field = isObject(properties) ? properties[name] : undefined;
  return isObject(field) && typeof field['title'] === 'string' ? field['title'] : name;
}

/** The schema that holds the keyword which `location` points at; empty where the way leads over a reference. */
function parentSchema(root: Record<string, unknown>, location: string): Record<string, unknown> {
  let at: unknown = root;
  for (const part of pointerParts(location).slice(0, -1)) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined;
  return isObject(at) ? at : {};
}

/** `#/a/b~1c` → `['a', 'b/c']` */
function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** As it would arrive: an emptied field is `undefined` to the form, and absent to the server. */
function plainJson(values: unknown): unknown {
  return JSON.parse(JSON.stringify(values ?? {})) as unknown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
