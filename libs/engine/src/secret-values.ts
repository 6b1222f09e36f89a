/** Shorter ones would blank ordinary words. */
export const shortestSecret = 4;
/** Of a line of a longer value, and of what stands for a value amid other base64. */
const shortestPart = 8;

/**
 * The values a run has handled, and how to take them out of text before anybody else sees it. Known forms of a value
 * (base64, URL-encoded, JSON-escaped) go too, and each line of one that has several, as a log would show them.
 */
export class SecretValues {
  private readonly known = new Set<string>();
  private readonly search = new SearchForMany();
  /** Made when there is something to take out, which is rare: to compile it costs more than to look for each form. */
  private pattern: RegExp | undefined;

  add(value: string): void {
    // The same few are added again with every call.
    if (value.length < shortestSecret || this.known.has(value)) return;
    this.known.add(value);
    for (const form of formsOf(value)) this.search.add(form);
    this.pattern = undefined;
  }

  get isEmpty(): boolean {
    return this.known.size === 0;
  }

  redact(text: string): string {
    if (!this.search.findsAny(text)) return text;
    this.pattern ??= patternOf(this.search.words);
    return text.replace(this.pattern, '[secret]');
  }
}

function patternOf(forms: Iterable<string>): RegExp {
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((form) => RegExp.escape(form)).join('|'), 'g');
}

function formsOf(value: string): string[] {
  return [...encodings(value), ...linesOf(value).flatMap((line) => encodings(line))];
}

function encodings(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64');
  const encoded = encodeURIComponent(value);
  const forms = [value, base64, base64.replace(/=+$/, ''), Buffer.from(value).toString('base64url'), ...insideBase64(value)];
  return [...forms, encoded, encoded.replaceAll('%20', '+'), JSON.stringify(value).slice(1, -1)];
}

/** As in `Basic` credentials, where a name stands before it: the bytes fall otherwise into base64's groups of three. */
function insideBase64(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.from(' '.repeat(before) + value).toString('base64');
    // The first group may hold what stands before, the last what comes after.
    const own = whole.slice(before === 0 ? 0 : 4, -4);
    return own.length >= shortestPart ? [own] : [];
  });
}

/** The marks around a PEM are no secret. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== value && line.length >= shortestPart && !line.startsWith('-----'));
}

/** What stands in a table of so many bytes may stand there for another block as well: then a skip is shorter than it could be. */
const tableSize = 2 ** 13;
/** Beyond it a skip gains little, and the table fills. */
const widestWindow = 16;

/**
 * Looks for many words in one pass, where to look for one after another takes as many: what three characters end a window tells
 * how far no word can end from here (S. Wu, U. Manber: A fast algorithm for multi-pattern searching, 1994). Words have four characters
 * and more.
 */
class SearchForMany {
  /** Characters: as many as the shortest word has. */
  private window = widestWindow;
  readonly words = new Set<string>();
  /** By block: by how much the window may move where it ends so. */
  private readonly skips = new Uint8Array(tableSize).fill(widestWindow - 2);
  /** By block: the words whose first window ends so. */
  private readonly endings = new Map<number, string[]>();

  add(word: string): void {
    if (this.words.has(word)) return;
    this.words.add(word);
    if (word.length >= this.window) return this.enter(word);
    this.window = word.length;
    this.skips.fill(this.window - 2);
    this.endings.clear();
    for (const each of this.words) this.enter(each);
  }

  findsAny(text: string): boolean {
    const { window, skips } = this;
    for (let last = window - 1; last < text.length; ) {
      const block = blockEndingAt(text, last);
      const skip = skips[block] ?? 0;
      if (skip === 0 && this.endings.get(block)?.some((word) => text.startsWith(word, last - window + 1))) return true;
      last += skip || 1;
    }
    return false;
  }

  private enter(word: string): void {
    const end = this.window - 1;
    for (let last = 2; last <= end; last += 1) {
      const block = blockEndingAt(word, last);
      this.skips[block] = Math.min(this.skips[block] ?? 0, end - last);
    }
    const block = blockEndingAt(word, end);
    this.endings.set(block, [...(this.endings.get(block) ?? []), word]);
  }
}

/** A place in the table for the three characters that end there. */
function blockEndingAt(text: string, last: number): number {
  const character = text.charCodeAt(last);
  return (character ^ (character << 9) ^ (text.charCodeAt(last - 1) << 3) ^ (text.charCodeAt(last - 2) << 7)) & (tableSize - 1);
}
