import { parse } from 'yaml';
import { errorAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { reservedKeys } from './parse-template.js';

/** The text of a file beside the template; null when there is none, or it lies outside of the golden path. */
export type ReadBeside = (path: string) => string | null;

const readers: Record<string, (text: string) => unknown> = {
  $yaml: (text) => parse(text, { maxAliasCount: 100 }) as unknown,
  $json: (text) => JSON.parse(text) as unknown,
  $text: (text) => text,
};
const most = 100;
const deepest = 8;

/**
 * Backstage's placeholders: an object of the one key `$yaml`, `$json` or `$text` stands for what that file holds. Files
 * of the golden path are read; what lies elsewhere is a finding, since a run must not depend on it.
 */
export function resolvePlaceholders(value: unknown, readBeside?: ReadBeside): { value: unknown; findings: Finding[] } {
  const findings: Finding[] = [];
  let read = 0;
  const resolve = (item: unknown, path: FindingPath, depth: number): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    if (Array.isArray(item)) return item.map((one, index) => resolve(one, [...path, index], depth)).filter(isResolved);
    const [key, reference] = placeholderIn(item);
    if (key === undefined) {
      const entries = Object.entries(item).map(([name, one]): [string, unknown] => [name, resolve(one, [...path, name], depth)]);
      return Object.fromEntries(entries.filter(([, one]) => isResolved(one)));
    }
    const fault = (why: string): unknown => {
      findings.push(errorAt([...path, key], 'placeholder_unresolved', `"${key}: ${reference}" cannot be read: ${why}`));
      return unresolved;
    };
    read += 1;
    if (read > most || depth >= deepest) return fault('there are too many placeholders, or they lead back to themselves.');
    if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return fault('copy the file beside the template and name it by its relative path.');
    const text = readBeside?.(reference) ?? null;
    if (text === null) return fault('there is no such file in the golden path.');
    try {
      const content = readers[key]?.(text);
      const reserved = reservedKeys(content, path.map(String));
      findings.push(...reserved);
      return reserved.length > 0 ? unresolved : resolve(content, path, depth + 1);
    } catch (error) {
      return fault(error instanceof Error ? error.message : String(error));
    }
  };
  return { value: resolve(value, [], 0), findings };
}

const unresolved = Symbol('unresolved');

function isResolved(value: unknown): boolean {
  return value !== unresolved;
}

function placeholderIn(item: object): [key: string, reference: string] | [undefined] {
  const [entry, ...more] = Object.entries(item) as [string, unknown][];
  if (!entry || more.length > 0 || !Object.hasOwn(readers, entry[0]) || typeof entry[1] !== 'string') return [undefined];
  return [entry[0], entry[1]];
}
