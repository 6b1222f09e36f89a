import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
/** What means nothing to SQL, a shell, YAML, a URL or a DSN: so no quotes, backslash, $, @, :, /, %, # and such. */
const MARKS = '-_.';

/** Begins with a letter (a leading dash reads as an option), and holds each class that password policies ask for. */
export function generatePassword(length: number): string {
  for (;;) {
    const password = pick(LETTERS) + Array.from({ length: length - 1 }, () => pick(LETTERS + DIGITS + MARKS)).join('');
    if (/[A-Z]/.test(password) && /[a-z]/.test(password) && /\d/.test(password) && /[-_.]/.test(password)) return password;
  }
}

function pick(alphabet: string): string {
  return alphabet.charAt(randomInt(alphabet.length));
}
