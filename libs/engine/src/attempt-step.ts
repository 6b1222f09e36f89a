import { executeStep, type StepOutcome } from './execute-step.js';
import type { Held, Turn } from './integration.js';
import type { PlannedStep } from './plan.js';
import type { Signal } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { settleStep } from './settle-step.js';
import { stepLog } from './step-context.js';
import type { StepDefinition, StepFiles } from './step-definition.js';
import { StepError } from './step-error.js';

const slowSlotMs = 1_000;

export interface Attempt {
  step: PlannedStep;
  definition: StepDefinition;
  input: unknown;
  /** At the outside system, where there is one. */
  turn: Turn | null;
}

/** From the recorded intent to the outcome, which travels with whatever is recorded next. */
export async function attemptStep(session: RunSession, attempt: Attempt): Promise<void> {
  const { step, definition, turn } = attempt;
  const signal = session.callSignal;
  try {
    const signals = await signalsFor(session, step);
    const outcome = await outcomeOf(session, attempt, signals, signal);
    if (definition.workspace === 'write' && outcome.type !== 'done') await session.discardWorkspace();
    settleStep(session, step, outcome, signals);
  } finally {
    turn?.end(null);
  }
}

async function outcomeOf(session: RunSession, attempt: Attempt, signals: Signal[], signal: AbortSignal): Promise<StepOutcome> {
  const { ledger, deps } = session;
  const { step, definition, input, turn } = attempt;
  try {
    const files = await filesFor(session, definition, input);
    const held = turn && (await waitForSlot(session, step, turn, signal));
    if (held) return { type: 'held', held };
    const outcome = await executeStep({ session, step, definition, input, files, signals, signal });
    turn?.end(answerOf(outcome));
    if (outcome.type !== 'done' || definition.workspace !== 'write') return outcome;
    const workspace = await session.openWorkspace();
    ledger.setRun({ workspaceDigest: await workspace.checkpoint(session.values.isEmpty ? null : (text) => session.holdsSecret(text)) });
    await deps.reach?.({ at: 'step:checkpointed', runId: ledger.run.id, stepId: step.id });
    return outcome;
  } catch (error) {
    if (signal.aborted || session.shutdown.aborted) return { type: 'aborted' };
    return { type: 'error', error: error instanceof StepError ? error : workspaceTrouble(error) };
  }
}

/** What the outside system showed of its health. */
function answerOf(outcome: StepOutcome): Parameters<Turn['end']>[0] {
  if (outcome.type === 'error') return outcome.error;
  return outcome.type === 'aborted' || outcome.type === 'held' ? null : 'answered';
}

/** The attempt's own time begins once it has its slot. A worker that is told to stop begins no call any more. */
async function waitForSlot(session: RunSession, step: PlannedStep, turn: Turn, signal: AbortSignal): Promise<Held | null> {
  const slow = setTimeout(() => {
    stepLog(session.ledger, step.id).info('Waiting for its turn: as many calls as may be at the same time are under way.');
  }, slowSlotMs);
  try {
    return await turn.begin(AbortSignal.any([signal, session.shutdown]));
  } finally {
    clearTimeout(slow);
  }
}

async function signalsFor({ ledger, deps }: RunSession, step: PlannedStep): Promise<Signal[]> {
  const { wait } = ledger.step(step.id);
  return wait?.signal === undefined ? [] : deps.store.signals(wait.signal, wait.seen ?? 0);
}

async function filesFor(session: RunSession, definition: StepDefinition, input: unknown): Promise<StepFiles> {
  const isReader = definition.workspace === 'read';
  if (definition.workspace === 'none' || (isReader && definition.looksAtFiles?.(input) === false)) return { workspace: '', template: '' };
  const { workspace, template } = await session.openWorkspace();
  return { workspace, template };
}

function workspaceTrouble(cause: unknown): StepError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StepError('retry', 'workspace_unavailable', `The run's files could not be opened or stored: ${why}`, {
    remedy: "Look at the worker's disk space and at the database; then retry the run.",
    cause,
  });
}
