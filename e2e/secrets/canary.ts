/** Words of its own, and every character that some encoding changes. */
export function aCanary(word: string): string {
  return `${word}-zebra "quoted" \\back/slash & 100% ünïcödé <tag> ${word}-lynx`;
}

/** A key of several lines, as people paste them. */
export function aKey(word: string): string {
  const lines = [1, 2, 3].map((line) => Buffer.from(`${word} line ${line} of what nobody may read`).toString('base64'));
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Where a canary stands in any form that a program may have given it. */
export function findCanaries(places: ReadonlyMap<string, string>, canaries: readonly string[]): string[] {
  const forms = [...new Set(canaries.flatMap(formsOf))];
  return [...places].flatMap(([place, text]) => forms.filter((form) => text.includes(form)).map((form) => `${form.slice(0, 40)} in ${place}`));
}

function formsOf(canary: string): string[] {
  const words = canary.match(/\S*-(zebra|lynx)/g) ?? [];
  const lines = canary.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
  const whole = [canary, canary.toUpperCase(), ...words, ...words.map((word) => word.toUpperCase()), ...lines];
  const escaped = [1, 2, 3].reduce<string[]>((found) => [...found, JSON.stringify(found.at(-1) ?? canary).slice(1, -1)], []);
  const encoded = [encodeURIComponent(canary), encodeURIComponent(canary).replaceAll('%20', '+')];
  const forms = [...whole, ...escaped, ...encoded, ...[canary, ...words, ...lines].flatMap(base64Of)];
  return forms.flatMap((form) => [form, latin1(form)]);
}

/** Wherever it begins among base64's groups of three bytes. */
function base64Of(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const within = Buffer.from(`${' '.repeat(before)}${text}`).toString('base64').slice(before === 0 ? 0 : 4, -4);
    return [within, within.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
