import { z } from 'zod';

/** The `exp` of a JSON Web Token, in ms; undefined for one without an end. Trusted no further than for when to ask anew. */
export function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return z.object({ exp: z.number() }).parse(claims).exp * 1000;
  } catch {
    return undefined;
  }
}
