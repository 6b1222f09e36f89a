import { randomBytes } from 'node:crypto';
import type { Store } from './store.js';

/** The value kept under this name, made on first use. Random for each home, and the same for as long as the home lives. */
export function keptSecret(store: Store, name: string, make: () => string): string {
  const secrets = store.collection<string>('credentials');
  const kept = secrets.get(name);
  if (kept !== undefined) return kept;
  const made = make();
  secrets.set(name, made);
  return made;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // Bytes past the last whole multiple of the alphabet would favour its first letters.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}
