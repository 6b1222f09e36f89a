import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, safe in a URL and in a cookie. Whoever holds it is let in, so only its hash is ever stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Plain SHA-256 is enough: nobody guesses 256 random bits, so there is nothing to slow down. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
