import { StepError } from '../step-error.js';

/** The `StepError` that the work ends with; anything else it ends with fails the test. */
export async function failureOf(running: Promise<unknown>): Promise<StepError> {
  const outcome = await running.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof StepError) return outcome;
  const got = outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : 'success';
  throw new Error(`Expected a StepError, got ${got}.`, { cause: outcome });
}
