/** Shorter ones would blank ordinary words. */
export const shortestSecret = 4;
/** Of a line of a longer value, and of what stands for a value amid other base64. */
const shortestPart = 8;

/**
 * The values a run has handled, and how to take them out of text before anybody else sees it. Known forms of a value
 * (base64, URL-encoded, JSON-escaped) go too, and each line of one that has several, as a log would show them.
 */
export class SecretValues {
  private readonly forms = new Set<string>();
  private pattern: RegExp | null = null;

  add(value: string): void {
    if (value.length < shortestSecret) return;
    for (const form of formsOf(value)) this.forms.add(form);
    const longestFirst = [...this.forms].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(longestFirst.map((form) => RegExp.escape(form)).join('|'), 'g');
  }

  get isEmpty(): boolean {
    return this.forms.size === 0;
  }

  redact(text: string): string {
    return this.pattern ? text.replace(this.pattern, '[secret]') : text;
  }
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
