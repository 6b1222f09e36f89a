import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { Finding } from './finding.js';

/** A YAML text as a value, with a way back from a path in it to the line it stands on. */
export interface ParsedTemplate {
  value: unknown;
  findings: Finding[];
  locate(path: readonly PropertyKey[]): { line: number; column: number } | undefined;
}

const largest = 1024 * 1024;

/** Bounded in size and in alias expansion; a reserved key (`__proto__` and its like) is a fault wherever it stands. */
export function parseTemplate(text: string): ParsedTemplate {
  if (text.length > largest) return failed('yaml_too_large', `The file is larger than ${largest} characters.`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
    const findings = document.errors.map((fault): Finding => {
      const { line, col } = lines.linePos(fault.pos[0]);
      return { severity: 'error', code: 'yaml_syntax', path: '', message: fault.message, line, column: col };
    });
    if (findings.length > 0) return { value: undefined, findings, locate: () => undefined };
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value, findings: reservedKeys(value, []), locate: (path) => locate(document, lines, path) };
  } catch (error) {
    // Alias bombs and absurd nesting end in an exception of the parser.
    return failed('yaml_refused', `The file cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function failed(code: string, message: string): ParsedTemplate {
  return { value: undefined, findings: [{ severity: 'error', code, path: '', message }], locate: () => undefined };
}

export function reservedKeys(value: unknown, path: readonly string[]): Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = [...path, key];
    if (!Array.isArray(value) && ['__proto__', 'constructor', 'prototype'].includes(key)) {
      return [
        {
          severity: 'error',
          code: 'reserved_key',
          path: at.join('.'),
          message: `The key "${key}" is reserved.`,
        } satisfies Finding,
      ];
    }
    return reservedKeys(item, at);
  });
}

/** The place of the path's last part that is there: its key where it has one. */
function locate(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): { line: number; column: number } | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === last) : undefined;
    const node: unknown = pair ? pair.key : document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return { line, column: col };
  }
  return undefined;
}
