import { randomInt } from 'node:crypto';

export const USER_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** What real ones were seen to hold, and nothing that ends a text in SQL. */
const PASSWORD_ALPHABET = `${USER_ALPHABET}@~=/%+-_!`;

export function randomPassword(length: number): string {
  return randomText(length, PASSWORD_ALPHABET);
}

export function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
