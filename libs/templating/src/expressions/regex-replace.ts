import type { TemplateValue } from 'nunjitsu';
import { RE2JS } from 're2js';

/**
 * The filter `replace`, with regular expressions as nunjucks knows them (`replace(r/\s+/g, "-")`) on an engine whose time
 * grows with the text alone. The interpreter itself refuses to run one, since the native engine cannot be stopped.
 */
export function replace(
  input: TemplateValue | undefined,
  search: TemplateValue | undefined,
  replacement: TemplateValue | undefined,
  count: TemplateValue | undefined,
): TemplateValue | undefined {
  if (typeof input !== 'string' && typeof input !== 'number') return input;
  if (typeof search !== 'string' && typeof search !== 'number') return input;
  const text = String(input);
  const by = replacement === undefined || replacement === null ? '' : asText(replacement);
  const pattern = typeof search === 'string' ? patternOf(search) : null;
  if (pattern) return replacePattern(text, pattern, by);
  return replaceText(text, String(search), by, typeof count === 'number' && count >= 0 ? count : Infinity);
}

const mark = 'slipway-regex:';
const literalOrPattern = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?<![\w)\].])r\/((?:\\.|[^/\\\n])+)\/([gimy]*)/g;

/** Pattern literals as marked texts, which the interpreter hands to the filter as they are. */
export function markPatterns(tagContent: string): string {
  if (!tagContent.includes('r/')) return tagContent;
  return tagContent.replace(literalOrPattern, (whole, source?: string, flags?: string) =>
    source === undefined ? whole : JSON.stringify(`${mark}${flags}:${source}`),
  );
}

interface Pattern {
  source: string;
  flags: string;
}

function patternOf(search: string): Pattern | null {
  if (!search.startsWith(mark)) return null;
  const [flags = '', ...source] = search.slice(mark.length).split(':');
  return { flags, source: source.join(':') };
}

function replacePattern(text: string, { source, flags }: Pattern, by: string): string {
  const bits = (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('m') ? RE2JS.MULTILINE : 0);
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source), bits);
  refuseGrowth(text, flags.includes('g') ? [...compiled.matchAll(text)].length : 1, by);
  const matcher = compiled.matcher(text);
  return flags.includes('g') ? matcher.replaceAll(by) : matcher.replaceFirst(by);
}

function replaceText(text: string, search: string, by: string, most: number): string {
  const pieces = search === '' ? ['', ...text, ''] : text.split(search);
  const times = Math.min(most, pieces.length - 1);
  refuseGrowth(text, times, by);
  return pieces.slice(1).reduce((joined, piece, index) => joined + (index < times ? by : search) + piece, pieces[0] ?? '');
}

const longest = 4 * 1024 * 1024;

function refuseGrowth(text: string, times: number, by: string): void {
  if (text.length + times * by.length > longest) throw new Error(`replace would give a text of more than ${longest} characters`);
}

function asText(value: TemplateValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
