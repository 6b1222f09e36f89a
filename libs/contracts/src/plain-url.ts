import { z } from 'zod';

/** An address over HTTP that may be stored, shown and logged, since it holds neither user name nor password. */
export const PlainUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || holdsNoCredential(new URL(url)), 'must hold no user name or password');

function holdsNoCredential({ username, password }: URL): boolean {
  return username === '' && password === '';
}
