import type { Held } from './integration.js';
import { LimitedCall } from './limited-call.js';
import { NotNow } from './not-now.js';
import type { PlannedStep } from './plan.js';
import type { Signal } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { stepContext } from './step-context.js';
import type { StepDefinition, StepFiles, StepWait } from './step-definition.js';
import { StepError } from './step-error.js';
import { untilAborted } from './until-aborted.js';

export type StepOutcome =
  | { type: 'done'; output: unknown }
  | { type: 'wait'; wait: StepWait }
  | { type: 'error'; error: StepError }
  /** Its outside system is to be left alone: it was not called, or broke off before it was done. */
  | { type: 'held'; held: Held }
  /** Cancelled, or this worker must let go: nothing is known of the attempt. */
  | { type: 'aborted' };

/** One attempt of one step, every result, error and crash of it translated into one of few outcomes. */
export async function executeStep(parts: {
  session: RunSession;
  step: PlannedStep;
  definition: StepDefinition;
  input: unknown;
  files: StepFiles;
  signals: readonly Signal[];
  signal: AbortSignal;
}): Promise<StepOutcome> {
  const { session, step, definition, input, files, signals, signal } = parts;
  const call = new LimitedCall(signal, step.timeoutMs);
  const context = stepContext({ session, stepId: step.id, signal: call.signal, files, signals });
  const at = { runId: session.ledger.run.id, stepId: step.id };
  try {
    await session.deps.reach?.({ at: 'step:before-call', ...at });
    // What was prepared before its intent could be recorded must not be done.
    call.signal.throwIfAborted();
    // A step that ignores its signal must not hold the run: once aborted its result no longer counts.
    const result = await untilAborted(definition.run(context, input), context.signal);
    await session.deps.reach?.({ at: 'step:after-call', ...at });
    if ('wait' in result) return { type: 'wait', wait: result.wait };
    return { type: 'done', output: parseOutput(session, definition, result.output) };
  } catch (error) {
    if (signal.aborted) return { type: 'aborted' };
    if (error instanceof NotNow) return { type: 'held', held: error.held };
    if (call.isOverdue) return { type: 'error', error: timedOut(step, error) };
    return { type: 'error', error: asStepError(definition, error) };
  } finally {
    call.release();
  }
}

export function parseInput(definition: StepDefinition, input: unknown): unknown {
  const parsed = definition.input.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
  throw new StepError('fatal', 'step_input_invalid', `The input of ${definition.id} is not valid: ${faults}.`, {
    remedy: 'Mend the step in the template, or the value it comes from.',
  });
}

function parseOutput(session: RunSession, definition: StepDefinition, output: unknown): unknown {
  const parsed = definition.output.safeParse(output);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'output'}: ${issue.message}`).join('; ');
    throw new StepError('fatal', 'step_output_invalid', `The output of ${definition.id} is not what it promises: ${faults}.`);
  }
  if (session.holdsSecret(parsed.data)) {
    throw new StepError('fatal', 'secret_in_output', `The output of ${definition.id} holds a secret value; outputs are stored, so it was refused.`, {
      remedy: 'Hand on a reference (provider:path#key) instead of the value.',
    });
  }
  return parsed.data;
}

function timedOut(step: PlannedStep, cause: unknown): StepError {
  return new StepError('lost', 'step_timed_out', `The attempt took longer than its ${Math.round(step.timeoutMs / 1000)} s.`, {
    remedy: "If this is normal for the step, raise its timeout in the template; otherwise look at the other system's state.",
    cause,
  });
}

function asStepError(definition: StepDefinition, error: unknown): StepError {
  if (error instanceof StepError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StepError('fatal', 'step_crashed', `${definition.id} failed in a way it did not foresee: ${message}`, {
    remedy: 'This is a defect of the step. Report it with the run id; the run can be retried.',
    cause: error,
  });
}
