import { tagsOf } from './tags.js';

/** What the expressions in a value point to. */
export interface References {
  steps: Set<string>;
  parameters: Set<string>;
}

/** Deep; `steps.ID` and `steps['ID']`, and the same of `parameters`. What a string literal says is not a reference. */
export function referencesIn(value: unknown): References {
  const found: References = { steps: new Set(), parameters: new Set() };
  collect(value, found);
  return found;
}

const reference = /(?<![\w.])(steps|parameters)\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])/;
const literal = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/;
// A literal is matched so that it is passed over whole.
const referenceOrLiteral = new RegExp(`${reference.source}|${literal.source}`, 'gs');

function collect(value: unknown, found: References): void {
  if (typeof value === 'string') {
    for (const tag of tagsOf(value)) {
      for (const [, root, dotted, double, single] of tag.content.matchAll(referenceOrLiteral)) {
        const name = dotted ?? double ?? single;
        if (name !== undefined && root) found[root as keyof References].add(name);
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item, found);
  }
}
