/** One tag of a template's source: `${{ output }}`, `{% statement %}`; comments and what `raw` protects are not tags. */
export interface Tag {
  kind: 'output' | 'statement';
  /** Where the tag begins and ends in the source, delimiters included. */
  start: number;
  end: number;
  /** What stands between the delimiters, without the dashes of whitespace control. */
  content: string;
  contentStart: number;
  /** One-based. */
  line: number;
}

/** What opens an output tag: Backstage's, or cookiecutter's. */
export type OutputOpening = '${{' | '{{';

/** Finds the tags as the interpreter will. An unterminated tag ends the list: the interpreter says what is wrong with it. */
export function tagsOf(source: string, outputOpening: OutputOpening = '${{'): Tag[] {
  const tags: Tag[] = [];
  const opening = outputOpening === '${{' ? /\$\{\{|\{%|\{#/g : /\{\{|\{%|\{#/g;
  const lineOf = lineCounter(source);
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    if (match[0] === '{#') {
      const end = source.indexOf('#}', match.index + 2);
      if (end === -1) break;
      opening.lastIndex = end + 2;
      continue;
    }
    const tag = tagAt(source, match.index, match[0], lineOf);
    if (!tag) break;
    opening.lastIndex = tag.end;
    const protection = tag.kind === 'statement' ? /^\s*(raw|verbatim)\s*$/.exec(tag.content)?.[1] : undefined;
    if (!protection) {
      tags.push(tag);
      continue;
    }
    const after = endOfProtected(source, tag.end, protection);
    if (after === -1) break;
    opening.lastIndex = after;
  }
  return tags;
}

/** Whether the whole of the source is one output tag, whose value therefore keeps its type. */
export function isLoneExpression(source: string): boolean {
  const [tag, ...more] = tagsOf(source);
  return tag?.kind === 'output' && more.length === 0 && tag.start === 0 && tag.end === source.length;
}

/** Whether the interpreter would do anything with it. */
export function hasTemplating(source: string): boolean {
  return source.includes('${{') || source.includes('{%') || source.includes('{#');
}

function tagAt(source: string, start: number, open: string, lineOf: (index: number) => number): Tag | null {
  const kind = open === '{%' ? 'statement' : 'output';
  const close = kind === 'statement' ? '%}' : '}}';
  const bodyStart = start + open.length;
  const bodyEnd = closingOf(source, bodyStart, close);
  if (bodyEnd === -1) return null;
  const contentStart = source[bodyStart] === '-' ? bodyStart + 1 : bodyStart;
  const contentEnd = source[bodyEnd - 1] === '-' && bodyEnd - 1 >= contentStart ? bodyEnd - 1 : bodyEnd;
  const content = source.slice(contentStart, contentEnd);
  return { kind, start, end: bodyEnd + close.length, content, contentStart, line: lineOf(start) };
}

function closingOf(source: string, from: number, close: string): number {
  let quote: string | null = null;
  for (let at = from; at < source.length; at++) {
    const character = source[at];
    if (quote) {
      if (character === '\\') at++;
      else if (character === quote) quote = null;
    } else if (character === '"' || character === "'") quote = character;
    else if (source.startsWith(close, at)) return at;
  }
  return -1;
}

function endOfProtected(source: string, from: number, word: string): number {
  const ending = new RegExp(`\\{%-?\\s*(end)?${word}\\s*-?%\\}`, 'g');
  ending.lastIndex = from;
  let depth = 1;
  for (let match = ending.exec(source); match; match = ending.exec(source)) {
    depth += match[1] ? -1 : 1;
    if (depth === 0) return ending.lastIndex;
  }
  return -1;
}

/** For indices that only grow, so that a large file is counted through once. */
function lineCounter(source: string): (index: number) => number {
  let line = 1;
  let next = source.indexOf('\n');
  return (index) => {
    for (; next !== -1 && next < index; next = source.indexOf('\n', next + 1)) line++;
    return line;
  };
}
