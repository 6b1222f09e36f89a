import { StepError } from '@slipway/engine';

export function isOneOf(error: unknown, codes: readonly string[]): error is StepError {
  return error instanceof StepError && codes.includes(error.code);
}
