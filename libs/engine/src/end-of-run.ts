import { type Failure, type RunStatus, isStanding } from '@slipway/contracts';
import type { RunSession } from './run-session.js';

/** Forward work is over: what sleeps or never began is cancelled, and what was made comes down. */
export function turnBack(session: RunSession, reason: 'failure' | 'cancel'): void {
  const { ledger } = session;
  cancelOpenSteps(session);
  const failure = reason === 'failure' ? (ledger.run.failure ?? firstFailure(session)) : ledger.run.failure;
  ledger.addLine(null, 'warn', 'Undoing what the run made.');
  ledger.setRun({ status: 'UNDOING', undoReason: reason, failure });
}

/** Records the end, with everything that led to it, in one write. */
export async function finishRun(session: RunSession, status: RunStatus): Promise<void> {
  const { ledger } = session;
  if (ledger.run.status === 'QUEUED' && status !== 'CANCELLED') ledger.setRun({ status: 'RUNNING' });
  if (status !== 'SUCCEEDED') cancelOpenSteps(session);
  if (ledger.run.status === 'UNDOING') markUndone(session);
  ledger.setRun({ status, failure: finalFailure(session, status) });
  ledger.addLine(null, status === 'SUCCEEDED' ? 'info' : 'error', closingLine(session, status));
  await ledger.commit();
}

function cancelOpenSteps({ ledger, deps }: RunSession): void {
  for (const step of ledger.steps.values()) {
    if (!['PENDING', 'RUNNING', 'WAITING'].includes(step.status)) continue;
    ledger.setStep(step.id, { status: 'CANCELLED', wait: null, endedAt: deps.clock.now() });
  }
}

function markUndone({ ledger }: RunSession): void {
  for (const step of ledger.steps.values()) {
    if (step.status !== 'SUCCEEDED' && step.status !== 'UNDOING') continue;
    ledger.setStep(step.id, { status: 'UNDONE' });
  }
}

function finalFailure(session: RunSession, status: RunStatus): Failure | null {
  if (status === 'SUCCEEDED') return null;
  const cause = session.ledger.run.failure ?? firstFailure(session);
  const left = session.ledger.run.undoReason ? leftBehind(session) : [];
  if (left.length === 0) return cause;
  const remedy = `Still to remove: ${left.join('; ')}. Mend the cause and ask for Undo again, or remove them by hand.`;
  return { code: cause?.code ?? 'undo_incomplete', message: cause?.message ?? 'Not everything could be removed.', remedy };
}

function firstFailure({ ledger }: RunSession): Failure | null {
  return ledger.run.plan.steps.map((step) => ledger.step(step.id).failure).find((failure) => failure !== null) ?? null;
}

function leftBehind({ ledger }: RunSession): string[] {
  return ledger.resources.filter((resource) => isStanding(resource.state)).map((resource) => resource.title);
}

function closingLine(session: RunSession, status: RunStatus): string {
  const { run } = session.ledger;
  const undone = run.undoReason ? (leftBehind(session).length > 0 ? ' Not everything could be undone.' : ' Everything it made was undone.') : '';
  switch (status) {
    case 'SUCCEEDED':
      return 'Done.';
    case 'CANCELLED':
      return `Cancelled.${undone}`;
    default:
      return `Failed: ${run.failure?.message ?? 'see the step that failed.'}${undone}`;
  }
}
