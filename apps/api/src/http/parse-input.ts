import { type ErrorCode, type InputIssue, SlipwayError } from '@slipway/contracts';
import type { z } from 'zod';

/** The value as its contract has it, or `invalid_input` with every fault and its path. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, code: ErrorCode = 'invalid_input'): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(toInputIssue);
  throw new SlipwayError(
    code,
    `The request breaks ${details.length === 1 ? 'a rule' : `${details.length} rules`}: ${summary(details)}.`,
    details,
  );
}

function toInputIssue(issue: z.core.$ZodIssue): InputIssue {
  return { path: issue.path.map(String).join('.'), code: issue.code, message: issue.message };
}

function summary(details: InputIssue[]): string {
  return details
    .slice(0, 3)
    .map(({ path, message }) => (path ? `${path}: ${message}` : message))
    .join('; ');
}
