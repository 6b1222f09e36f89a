import { badRequest } from './akeyless-error.js';

/** The API takes the number as a text. @throws AkeylessError 400 */
export function passwordLength(text: string | undefined): number {
  if (text === undefined || text === '') return 16;
  const length = Number(text);
  if (Number.isInteger(length) && length >= 8 && length <= 128) return length;
  throw badRequest(`invalid password-length "${text}"`);
}
