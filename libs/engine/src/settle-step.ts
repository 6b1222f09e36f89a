import { backoffMs } from './backoff.js';
import { deadlineOf } from './decide.js';
import type { StepOutcome } from './execute-step.js';
import type { Held } from './integration.js';
import type { PlannedStep } from './plan.js';
import type { Signal, SleepRecord, StepRecord } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import type { StepWait } from './step-definition.js';
import { StepError } from './step-error.js';

/** Turns an outcome into what is recorded. Writes nothing by itself: the result travels with whatever starts next. */
export function settleStep(session: RunSession, step: PlannedStep, outcome: StepOutcome, handed: readonly Signal[]): void {
  const { ledger, deps } = session;
  if (outcome.type === 'aborted' || (outcome.type === 'error' && outcome.error.classification === 'lost')) session.unsure.add(step.id);
  switch (outcome.type) {
    case 'done':
      ledger.setStep(step.id, { status: 'SUCCEEDED', output: outcome.output, wait: null, failure: null, endedAt: deps.clock.now() });
      return;
    case 'wait':
      return sleepUntil(session, step, outcome.wait, handed);
    case 'held':
      // It was not called, so the attempt that was begun is none.
      if (ledger.step(step.id).status === 'RUNNING') ledger.setStep(step.id, { attempt: ledger.step(step.id).attempt - 1 });
      return holdStep(session, step, outcome.held);
    case 'error':
      return retryOrFail(session, step, outcome.error);
    case 'aborted':
      return breakOff(session, step);
  }
}

/** Not now, and not for lack of trying: no attempt is counted. */
export function holdStep(session: RunSession, step: PlannedStep, held: Held & { since?: Date }): void {
  const { ledger, deps } = session;
  const { wait } = ledger.step(step.id);
  if (wait?.reason !== held.reason) ledger.addLine(step.id, 'warn', held.reason);
  const since = held.since ? { since: held.since } : {};
  const until = new Date(deps.clock.now().getTime() + held.afterMs);
  ledger.setStep(step.id, { status: 'WAITING', wait: { for: 'held', until, reason: held.reason, ...since, ...keptOf(wait) } });
}

export function failStep(session: RunSession, step: PlannedStep, error: StepError): void {
  const { ledger, deps } = session;
  const failure = {
    code: error.code,
    message: session.redact(`${step.name}: ${error.message}`),
    ...(error.remedy ? { remedy: session.redact(error.remedy) } : {}),
  };
  ledger.addLine(step.id, 'error', error.remedy ? `${error.message} ${error.remedy}` : error.message);
  ledger.setStep(step.id, { status: 'FAILED', failure, wait: null, endedAt: deps.clock.now() });
}

function sleepUntil(session: RunSession, step: PlannedStep, asked: StepWait, handed: readonly Signal[]): void {
  const { ledger, deps } = session;
  if (session.holdsSecret([asked.state, asked.signal])) return failStep(session, step, secretInState());
  const now = deps.clock.now();
  const until = new Date(now.getTime() + asked.afterMs);
  const deadline = deadlineOf(ledger.run, now);
  if (until > deadline && asked.signal === undefined) return failStep(session, step, tooLong(asked, until, deadline));
  const { wait: before } = ledger.step(step.id);
  const reason = session.redact(asked.reason);
  const seen = Math.max(before?.signal === asked.signal ? (before?.seen ?? 0) : 0, ...handed.filter(({ key }) => key === asked.signal).map(({ id }) => id));
  const signal = asked.signal === undefined ? {} : { signal: asked.signal, seen };
  // A person sees why it waits once per reason, not once per look.
  if (before?.reason !== reason) ledger.addLine(step.id, 'info', `Waiting: ${reason}`);
  ledger.setStep(step.id, { status: 'WAITING', losses: 0, wait: { for: 'wait', until, reason, ...signal, state: asked.state } });
}

function retryOrFail(session: RunSession, step: PlannedStep, error: StepError): void {
  const { ledger, deps } = session;
  const record = ledger.step(step.id);
  const failures = record.failures + 1;
  ledger.setStep(step.id, { failures });
  if (error.classification === 'fatal' || failures >= step.retry.attempts) return failStep(session, step, error);
  const now = deps.clock.now();
  const delay = backoffMs(failures, error.retryAfterMs);
  const until = new Date(now.getTime() + delay);
  const tooLate = whyTooLate(session, step, record, until);
  if (tooLate) return failStep(session, step, withReason(error, tooLate));
  const reason = session.redact(`Attempt ${failures} of ${step.retry.attempts} failed: ${error.message}`);
  ledger.addLine(step.id, 'warn', `${reason} Trying again in ${(delay / 1000).toFixed(1)} s.`);
  ledger.setStep(step.id, { status: 'WAITING', wait: { for: 'retry', until, reason, ...keptOf(record.wait) } });
}

function whyTooLate({ ledger, deps }: RunSession, step: PlannedStep, { startedAt }: StepRecord, until: Date): string | null {
  const begun = (startedAt ?? deps.clock.now()).getTime();
  const at = `Another attempt at ${until.toISOString()} would come`;
  if (until.getTime() - begun > step.retry.withinMs) {
    return `${at} later than the ${Math.round(step.retry.withinMs / 1000)} s in which the step is tried again.`;
  }
  if (until > deadlineOf(ledger.run, deps.clock.now())) return `${at} after the run's deadline.`;
  return null;
}

function withReason(error: StepError, reason: string): StepError {
  const { classification, code, message, remedy } = error;
  return new StepError(classification, code, `${message} ${reason}`, { ...(remedy ? { remedy } : {}), cause: error });
}

/** On cancel, or past the deadline, the run says so. A worker that is told to stop hands the step over. */
function breakOff({ ledger, deps, shutdown }: RunSession, step: PlannedStep): void {
  const now = deps.clock.now();
  const { status, wait } = ledger.step(step.id);
  if (ledger.run.undoReason === 'cancel' || ledger.run.failure) {
    ledger.setStep(step.id, { status: 'CANCELLED', wait: null, endedAt: now });
  } else if (shutdown.aborted && status === 'RUNNING') {
    const reason = 'Its worker was told to stop; another one goes on.';
    ledger.setStep(step.id, { status: 'WAITING', wait: { for: 'handover', until: now, reason, ...keptOf(wait) } });
  }
}

/** What a step is handed at its next call, whatever came in between. */
function keptOf(wait: SleepRecord | null): Pick<SleepRecord, 'signal' | 'seen' | 'state'> {
  if (!wait) return {};
  const { signal, seen, state } = wait;
  return { ...(signal === undefined ? {} : { signal }), ...(seen === undefined ? {} : { seen }), ...(state === undefined ? {} : { state }) };
}

function tooLong(asked: StepWait, until: Date, deadline: Date): StepError {
  const message = `It would wait until ${until.toISOString()}, past the run's deadline at ${deadline.toISOString()}: ${asked.reason}`;
  return new StepError('fatal', 'wait_past_deadline', message, {
    remedy: 'Look at what it was waiting for; or raise spec.deadline in the template.',
  });
}

function secretInState(): StepError {
  return new StepError('fatal', 'secret_in_output', 'What the step wanted to remember holds a secret value; that is stored, so it was refused.', {
    remedy: 'This is a defect of the step. Report it with the run id.',
  });
}
