/** Where one of `secrets` (by what it is) shows in one of `places`, plainly or in a form that anyone can read back. */
export function findSecrets(places: Map<string, string>, secrets: Map<string, string>): string[] {
  return [...secrets].flatMap(([what, value]) => {
    const forms = formsOf(value);
    return [...places].flatMap(([place, text]) => forms.filter(([, form]) => text.includes(form)).map(([name]) => `${what} in ${place} (${name})`));
  });
}

/** In base64 a value looks different by where it begins in what was encoded; its edges depend on what is beside it. */
function formsOf(value: string): Array<[string, string]> {
  const shifted = [0, 1, 2].map((offset): [string, string] => {
    const whole = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString('base64').replace(/=+$/, '');
    return [`base64, offset ${offset}`, whole.slice(offset === 0 ? 0 : offset + 1, -1)];
  });
  const urlSafe = shifted.map(([name, form]): [string, string] => [`${name}, for URLs`, form.replaceAll('+', '-').replaceAll('/', '_')]);
  const forms: Array<[string, string]> = [
    ['plain', value],
    ['URL', encodeURIComponent(value)],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ['hexadecimal', Buffer.from(value).toString('hex')],
    ...shifted,
    ...urlSafe,
  ];
  return [...new Map(forms.map(([name, form]) => [form, name])).entries()].map(([form, name]) => [name, form]);
}
