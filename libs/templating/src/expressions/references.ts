import { tagsOf } from './tags.js';
import type { OutputOpening } from './tags.js';

/** A name that an expression begins with, and what is asked of it: `steps['a-b'].output.url` as its four parts. */
export type NamePath = readonly [root: string, ...parts: string[]];

/** What the expressions in a value point to. */
export interface References {
  steps: Set<string>;
  parameters: Set<string>;
  secrets: Set<string>;
  /** Every name an expression begins with, but those it defines itself. */
  roots: Set<string>;
}

/** Deep. What a string literal says is not a reference. */
export function referencesIn(value: unknown): References {
  const found: References = { steps: new Set(), parameters: new Set(), secrets: new Set(), roots: new Set() };
  collect(value, found);
  return found;
}

/**
 * Names of the secrets that a value speaks of, those of the environment as `environment.NAME`; `all` where one stands without a
 * name, as in `secrets | dump`.
 */
export function secretsIn(value: unknown): ReadonlySet<string> | 'all' {
  const names = new Set<string>();
  return collectSecrets(value, names) ? names : 'all';
}

export function speaksOfSecrets(value: unknown): boolean {
  const names = secretsIn(value);
  return names === 'all' || names.size > 0;
}

function collectSecrets(value: unknown, names: Set<string>): boolean {
  if (typeof value === 'string') {
    // What a statement calls `secrets` may be the real ones for a part of the text.
    for (const path of tagsOf(value).flatMap((tag) => pathsIn(tag.content))) {
      const [root, first, second] = path;
      if (root === 'environment' && (first === undefined || first === 'secrets')) {
        if (second === undefined) return false;
        names.add(`environment.${second}`);
      } else if (root === 'secrets') {
        if (first === undefined) return false;
        names.add(first);
      }
    }
    return true;
  }
  return typeof value !== 'object' || value === null || Object.values(value).every((item) => collectSecrets(item, names));
}

/** The same of one text. */
export function pathsInText(source: string, outputOpening: OutputOpening = '${{'): NamePath[] {
  const tags = tagsOf(source, outputOpening);
  const own = new Set(tags.filter((tag) => tag.kind === 'statement').flatMap((tag) => namesDefinedBy(tag.content)));
  return tags.flatMap((tag) => pathsIn(tag.content)).filter(([root]) => !own.has(root));
}

const literal = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?<![\w)\].])r\/(?:\\.|[^/\\\n])+\/[gimy]*/;
const accessor = /\s*\.\s*\w+|\s*\[\s*(?:"[^"\\]*"|'[^'\\]*'|\d+)\s*\]/;
// Not what follows a dot (an attribute), a bar (a filter) or `is` (a test), and not what precedes `=` or `:` (an argument's or a key's name).
const name = new RegExp(`(?<![\\w$.]|[.|]\\s+|\\||\\bis\\s+|\\bis\\s+not\\s+)([A-Za-z_]\\w*)(?!\\w|\\s*(?:=(?!=)|:))((?:${accessor.source})*)`);
// A literal is matched so that it is passed over whole.
const nameOrLiteral = new RegExp(`${literal.source}|${name.source}`, 'gs');
const words = new Set('true false none null True False None and or not in is if else elif for set endif endfor endset'.split(' '));

/** What one expression, or the content of one tag, begins its names with. */
export function pathsIn(content: string): NamePath[] {
  const paths: NamePath[] = [];
  for (const [, root, rest] of content.matchAll(nameOrLiteral)) {
    if (root !== undefined && !words.has(root)) paths.push([root, ...partsOf(rest ?? '')]);
  }
  return paths;
}

function partsOf(accessors: string): string[] {
  return [...accessors.matchAll(/\.\s*(\w+)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)'|(\d+))\s*\]/g)].map(
    ([, dotted, double, single, index]) => dotted ?? double ?? single ?? index ?? '',
  );
}

/** `set a, b = …`, `for k, v in …`, `macro f(x)`: names that need no explanation from outside. */
function namesDefinedBy(statement: string): string[] {
  const defined = /^\s*(?:set\s+([\w\s,]+)|for\s+([\w\s,[\]]+?)\s+in\s|(?:macro|call)\s*(.*))/s.exec(statement);
  const names = (defined?.[1] ?? defined?.[2] ?? defined?.[3] ?? '').match(/[A-Za-z_]\w*/g) ?? [];
  return [...names, 'loop', 'caller'];
}

function collect(value: unknown, found: References): void {
  if (typeof value === 'string') {
    for (const [root, first] of pathsInText(value)) {
      found.roots.add(root);
      if (first !== undefined && (root === 'steps' || root === 'parameters' || root === 'secrets')) found[root].add(first);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item, found);
  }
}
