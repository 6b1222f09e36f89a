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
  private readonly forms = new Set<string>();
  /** Made when there is something to take out, which is rare: to compile it costs more than to look for each form. */
  private pattern: RegExp | undefined;

  add(value: string): void {
    // The same few are added again with every call.
    if (value.length < shortestSecret || this.known.has(value)) return;
    this.known.add(value);
    for (const form of formsOf(value)) this.forms.add(form);
    this.pattern = undefined;
  }

  get isEmpty(): boolean {
    return this.forms.size === 0;
  }

  redact(text: string): string {
    if (!this.isIn(text)) return text;
    this.pattern ??= patternOf(this.forms);
    return text.replace(this.pattern, '[secret]');
  }

  private isIn(text: string): boolean {
    for (const form of this.forms) if (text.includes(form)) return true;
    return false;
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
