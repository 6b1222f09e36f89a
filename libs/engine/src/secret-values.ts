/**
 * The values a run has handled, and how to take them out of text before anybody else sees it. Known forms of a value
 * (base64, URL-encoded, JSON-escaped) go too. Values under four characters are let through: they would blank ordinary words.
 */
export class SecretValues {
  private readonly forms = new Set<string>();
  private pattern: RegExp | null = null;

  add(value: string): void {
    if (value.length < 4) return;
    for (const form of formsOf(value)) this.forms.add(form);
    const longestFirst = [...this.forms].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(longestFirst.map((form) => RegExp.escape(form)).join('|'), 'g');
  }

  redact(text: string): string {
    return this.pattern ? text.replace(this.pattern, '[secret]') : text;
  }
}

function formsOf(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64');
  return [value, base64, base64.replace(/=+$/, ''), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
}
