import { attemptStep } from './attempt-step.js';
import { eachOf, expandEach, itemWithSecrets } from './expand-each.js';
import type { PlannedStep } from './plan.js';
import type { StepRecord } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { failStep, holdStep } from './settle-step.js';
import { parseInput } from './execute-step.js';
import { isTrue, scopeOf } from './scope.js';
import { StepError } from './step-error.js';

/** How long a step may wait for a worker that knows its action: as long as a new version takes to come everywhere. */
const unknownForMs = 5 * 60_000;

/** Evaluates what is due, sets the intent, and prepares the call that begins once the intent is recorded. */
export function startStep(session: RunSession, step: PlannedStep): void {
  const { ledger, deps } = session;
  if (!ledger.run.startedAt) ledger.setRun({ startedAt: deps.clock.now() });
  try {
    if (!begin(session, step)) session.notify();
  } catch (error) {
    failStep(session, step, error instanceof StepError ? error : new StepError('fatal', 'step_not_startable', String(error)));
    session.notify();
  }
}

/** False: there is nothing to wait for; the step was skipped, split into its items, or is held for a while. */
function begin(session: RunSession, step: PlannedStep): boolean {
  const { ledger, deps } = session;
  const record = ledger.step(step.id);
  if (record.input === null && !isWanted(session, step, record)) {
    ledger.setStep(step.id, { status: 'SKIPPED', endedAt: deps.clock.now() });
    return false;
  }
  if (step.each !== undefined) {
    expandEach(session, step);
    return false;
  }
  if (record.input === null) {
    ledger.setStep(step.id, { input: deps.evaluator.evaluate(step.input, scopeOf(session, record)) as Record<string, unknown> });
  }
  const definition = deps.registry.step(step.action);
  if (!definition) {
    holdUnknown(session, step, record);
    return false;
  }
  const input = parseInput(definition, inputOf(session, step));
  if (definition.keepsInput && session.holdsSecret(input)) throw secretToKeep(step);
  const turn = session.integration(step.action)?.enter();
  if (turn && 'afterMs' in turn) {
    holdStep(session, step, turn);
    return false;
  }
  takeUp(session, step, record);
  session.prepare(step.id, () => attemptStep(session, { step, definition, input, turn: turn ?? null }));
  return true;
}

/** What `if` says. One that does not speak of the item is asked once, for the step as a whole. */
function isWanted(session: RunSession, step: PlannedStep, record: StepRecord): boolean {
  if (step.if === undefined) return true;
  const speaksOfItem = typeof step.if === 'string' && /\beach\b/.test(step.if);
  if (step.each !== undefined && speaksOfItem) return true;
  return isTrue(session.deps.evaluator.evaluate(step.if, scopeOf(session, record)));
}

/**
 * As recorded; but what speaks of typed secrets is evaluated anew, for this call alone: with them in it, it is recorded
 * nowhere. The outputs that it speaks of besides are those that it spoke of before.
 */
function inputOf(session: RunSession, step: PlannedStep): unknown {
  const record = session.ledger.step(step.id);
  const used = session.typed.usedIn([step.input, eachOf(session, record)]);
  if (!used) return record.input;
  return session.typed.protectDerived(used, (secrets) => {
    const each = itemWithSecrets(session, record, secrets);
    return session.deps.evaluator.evaluate(step.input, { ...scopeOf(session, { each }), secrets });
  });
}

/** A poll of a waiting step is no new attempt and leaves no trace. */
function takeUp({ ledger, deps }: RunSession, step: PlannedStep, { status, wait, attempt, startedAt }: StepRecord): void {
  if (status === 'WAITING' && wait?.for === 'wait') return;
  if (ledger.run.status !== 'RUNNING') ledger.setRun({ status: 'RUNNING' });
  const kept = wait?.state === undefined && wait?.signal === undefined ? null : wait;
  ledger.setStep(step.id, {
    status: 'RUNNING',
    attempt: attempt + 1,
    failure: null,
    wait: kept,
    startedAt: attempt === 0 ? deps.clock.now() : startedAt,
  });
}

/** Old and new workers may be at work at once, and the next to look may know it. */
function holdUnknown(session: RunSession, step: PlannedStep, { status, wait }: StepRecord): void {
  const now = session.deps.clock.now();
  const since = (status === 'WAITING' ? wait?.since : undefined) ?? now;
  if (now.getTime() - since.getTime() > unknownForMs) throw unknownAction(step);
  const afterMs = 2_000 + Math.random() * 3_000;
  holdStep(session, step, { afterMs, since, reason: `No worker here knows the action "${step.action}"; another may.` });
}

function unknownAction(step: PlannedStep): StepError {
  return new StepError('fatal', 'step_action_unknown', `For 5 minutes no worker has known the action "${step.action}".`, {
    remedy: 'Configure the integration that provides it, or mend the template.',
  });
}

function secretToKeep(step: PlannedStep): StepError {
  return new StepError('fatal', 'secret_in_catalogue', `${step.action} was given a secret value, and what it is given is kept for all to see, so it was refused.`, {
    remedy: 'Keep a reference (provider:path#key) there instead of the value.',
  });
}
