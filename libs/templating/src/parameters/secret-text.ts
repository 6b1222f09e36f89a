import type { InputIssue } from '@slipway/contracts';
import { shortestSecret } from '@slipway/engine';

const longestSecret = 65_536;

/** What holds of every secret, whatever its schema says: it must be one that can be told from words, and kept as it is. */
export function secretTextIssues(value: string, path: string, title: string): InputIssue[] {
  if (value.length < shortestSecret) {
    const message = `${title} must be at least ${shortestSecret} characters long: a shorter secret could not be told from ordinary words, and so not be kept out of logs.`;
    return [{ path, code: 'secret_too_short', message }];
  }
  if (value.length > longestSecret) return [{ path, code: 'too_long', message: `${title} must be at most ${longestSecret} characters long.` }];
  return value.isWellFormed() ? [] : [{ path, code: 'characters', message: `${title} holds broken Unicode.` }];
}
