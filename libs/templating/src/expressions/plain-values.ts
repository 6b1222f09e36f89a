import type { TemplateContext, TemplateValue } from 'nunjitsu';

/** Names and dots alone, without whitespace control. */
const plainOutput = /\$\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}/;
const anyTag = /\$\{\{|\{[%#]|#\}/;
/** Beyond it the interpreter's bounds are to decide. */
const longest = 100_000;

/**
 * What the interpreter would give for a text whose tags only name values that are there, as most do: to parse one takes it
 * ten times as long as to look the values up. A lone name keeps its type. Undefined: the interpreter has to say.
 */
export function plainValue(source: string, context: TemplateContext): string | number | boolean | undefined {
  if (source.length > longest) return undefined;
  const parts = source.split(plainOutput);
  if (parts.some((part, index) => index % 2 === 0 && anyTag.test(part))) return undefined;
  const values = parts.map((part, index) => (index % 2 === 0 ? part : valueAt(context, part)));
  if (values.length === 3 && values[0] === '' && values[2] === '') return isScalar(values[1]) ? values[1] : undefined;
  const text = values.every((value) => typeof value === 'string') ? values.join('') : undefined;
  return text !== undefined && text.length <= longest ? text : undefined;
}

function valueAt(context: TemplateContext, path: string): TemplateValue | undefined {
  let value: TemplateValue | undefined = context;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as TemplateContext)[name];
  }
  return value;
}

function isScalar(value: TemplateValue | undefined): value is string | number | boolean {
  return (typeof value === 'string' && value.length <= longest) || typeof value === 'number' || typeof value === 'boolean';
}
