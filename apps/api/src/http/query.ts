import { z } from 'zod';

/**
 * Query strings as Port's clients send them: keys we do not know are passed over, an empty value is an absent one, and
 * a repeated key counts once.
 */
export const queryText = z.preprocess((value) => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return first === '' ? undefined : first;
}, z.string().max(1_000).optional());

export const queryInteger = queryText.pipe(
  z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .optional(),
);

/** Anything but a plain yes is no: one client sends the address of its flag in place of its value. */
export const queryFlag = queryText.transform((text) => text === 'true' || text === '1');
