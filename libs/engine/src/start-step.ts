import { type StepOutcome, executeStep } from './execute-step.js';
import { backoffMs } from './backoff.js';
import type { Scope } from './ports/evaluator.js';
import type { PlannedStep } from './plan.js';
import type { RunSession } from './run-session.js';
import type { StepDefinition, StepFiles, StepWait } from './step-definition.js';
import { StepError } from './step-error.js';

/** Evaluates what is due, sets the intent, and prepares the call that begins once the intent is recorded. */
export function startStep(session: RunSession, step: PlannedStep): void {
  const { ledger, deps } = session;
  const now = deps.clock.now();
  if (!ledger.run.startedAt) ledger.setRun({ startedAt: now });
  try {
    const definition = deps.registry.step(step.action);
    if (!definition) throw unknownAction(step);
    if (!takeUp(session, step, now)) return session.notify();
    session.prepare(step.id, () => attempt(session, step, definition));
  } catch (error) {
    fail(session, step, error instanceof StepError ? error : new StepError('fatal', 'step_not_startable', String(error)));
    session.notify();
  }
}

/** False: the step's `if` says no, and it is skipped. A poll of a waiting step is no new attempt and leaves no trace. */
function takeUp(session: RunSession, step: PlannedStep, now: Date): boolean {
  const { ledger, deps } = session;
  const record = ledger.step(step.id);
  if (record.status === 'WAITING' && record.wait?.for === 'wait') return true;
  if (record.input === null) {
    const scope = scopeOf(session);
    if (step.if !== undefined && !isTrue(deps.evaluator.evaluate(step.if, scope))) {
      ledger.setStep(step.id, { status: 'SKIPPED', endedAt: now });
      return false;
    }
    const input = deps.evaluator.evaluate(step.input, scope) as Record<string, unknown>;
    ledger.setStep(step.id, { input, startedAt: now });
  }
  if (ledger.run.status !== 'RUNNING') ledger.setRun({ status: 'RUNNING' });
  const wait = record.wait?.state === undefined ? null : record.wait;
  ledger.setStep(step.id, { status: 'RUNNING', attempt: record.attempt + 1, failure: null, wait });
  return true;
}

async function attempt(session: RunSession, step: PlannedStep, definition: StepDefinition): Promise<void> {
  const { ledger, deps, values } = session;
  const signal = session.callSignal;
  try {
    const files = await filesFor(session, definition);
    const outcome = await executeStep({ deps, ledger, values, step, definition, files, signal });
    if (outcome.type === 'done' && definition.workspace === 'write') {
      const workspace = await session.openWorkspace();
      ledger.setRun({ workspaceDigest: await workspace.checkpoint() });
      await deps.reach?.({ at: 'step:checkpointed', runId: ledger.run.id, stepId: step.id });
    }
    settle(session, step, outcome);
  } catch (error) {
    settle(session, step, { type: 'error', error: workspaceTrouble(error) });
  }
}

/** Writes nothing by itself: the result travels with whatever starts next. */
function settle(session: RunSession, step: PlannedStep, outcome: StepOutcome): void {
  const { ledger, deps } = session;
  switch (outcome.type) {
    case 'done':
      ledger.setStep(step.id, { status: 'SUCCEEDED', output: outcome.output, wait: null, failure: null, endedAt: deps.clock.now() });
      return;
    case 'wait':
      return sleepUntil(session, step, outcome.wait);
    case 'error':
      return retryOrFail(session, step, outcome.error);
    case 'aborted':
      // On cancel the run says so; when the worker must let go, the step stays as recorded and starts again elsewhere.
      if (ledger.run.undoReason === 'cancel' || ledger.run.failure) {
        ledger.setStep(step.id, { status: 'CANCELLED', wait: null, endedAt: deps.clock.now() });
      }
  }
}

function sleepUntil({ ledger, deps }: RunSession, step: PlannedStep, wait: StepWait): void {
  const before = ledger.step(step.id);
  const until = new Date(deps.clock.now().getTime() + wait.afterMs);
  const next = { for: 'wait' as const, until, reason: wait.reason, ...(wait.signal ? { signal: wait.signal } : {}), state: wait.state };
  // A person sees why it waits once per reason, not once per look.
  if (before.wait?.reason !== wait.reason) ledger.addLine(step.id, 'info', `Waiting: ${wait.reason}`);
  ledger.setStep(step.id, { status: 'WAITING', wait: next });
}

function retryOrFail(session: RunSession, step: PlannedStep, error: StepError): void {
  const { ledger, deps } = session;
  const record = ledger.step(step.id);
  const begun = record.startedAt?.getTime() ?? deps.clock.now().getTime();
  const delay = backoffMs(Math.max(1, record.attempt), error.retryAfterMs);
  const next = deps.clock.now().getTime() + delay;
  const another = error.classification !== 'fatal' && record.attempt < step.retry.attempts && next - begun <= step.retry.withinMs;
  if (!another) return fail(session, step, error);
  const reason = `Attempt ${record.attempt} of ${step.retry.attempts} failed: ${error.message}`;
  ledger.addLine(step.id, 'warn', `${reason} Trying again in ${(delay / 1000).toFixed(1)} s.`);
  const state = record.wait?.state;
  ledger.setStep(step.id, { status: 'WAITING', wait: { for: 'retry', until: new Date(next), reason, ...(state === undefined ? {} : { state }) } });
}

function fail(session: RunSession, step: PlannedStep, error: StepError): void {
  const { ledger, deps, values } = session;
  const clean = (text: string): string => deps.processSecrets.redact(values.redact(text));
  const failure = {
    code: error.code,
    message: clean(`${step.name}: ${error.message}`),
    ...(error.remedy ? { remedy: clean(error.remedy) } : {}),
  };
  ledger.addLine(step.id, 'error', error.remedy ? `${error.message} ${error.remedy}` : error.message);
  ledger.setStep(step.id, { status: 'FAILED', failure, wait: null, endedAt: deps.clock.now() });
}

async function filesFor(session: RunSession, definition: StepDefinition): Promise<StepFiles> {
  if (definition.workspace === 'none') return { workspace: '', template: '' };
  const { workspace, template } = await session.openWorkspace();
  return { workspace, template };
}

function scopeOf({ ledger }: RunSession): Scope {
  const { run, steps } = ledger;
  const outputs = [...steps.values()].filter((step) => step.status === 'SUCCEEDED').map((step) => [step.id, { output: step.output }]);
  return {
    parameters: run.inputs,
    steps: Object.fromEntries(outputs) as Scope['steps'],
    user: { ref: run.requestedBy },
    failed: [...steps.values()].some((step) => step.status === 'FAILED'),
    context: { task: { id: run.id }, entity: run.entity },
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function unknownAction(step: PlannedStep): StepError {
  return new StepError('fatal', 'step_action_unknown', `No step definition "${step.action}" is known here.`, {
    remedy: 'Configure the integration that provides it, or mend the template.',
  });
}

function workspaceTrouble(cause: unknown): StepError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StepError('retry', 'workspace_unavailable', `The run's files could not be opened or stored: ${why}`, {
    remedy: "Look at the worker's disk space and at the database; then retry the run.",
    cause,
  });
}
