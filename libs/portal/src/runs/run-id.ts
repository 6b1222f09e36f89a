import { randomBytes } from 'node:crypto';

const digits = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * `r_` and 20 digits of Crockford's base 32: ten of the time in ms, so that ids sort by age, and ten at random. Marks
 * everything a run makes, so it is also a valid Kubernetes label value.
 */
export function newRunId(now: Date): string {
  return `r_${timeDigits(now.getTime())}${randomDigits(10)}`;
}

export function isRunId(text: string): boolean {
  return /^r_[0-9a-hjkmnp-tv-z]{20}$/.test(text);
}

function timeDigits(ms: number): string {
  let left = ms;
  let text = '';
  for (let place = 0; place < 10; place++) {
    text = `${digits[left % 32]}${text}`;
    left = Math.floor(left / 32);
  }
  return text;
}

function randomDigits(count: number): string {
  return Array.from(randomBytes(count), (byte) => digits[byte % 32]).join('');
}
