import { type Failure, type RunStatus, isStanding } from '@slipway/contracts';
import { overdue } from './decide.js';
import type { RunSession } from './run-session.js';
import { isSameJson } from './same-json.js';
import { isOpen } from './startable.js';
import { markForRemoval, settleUndone } from './undo-resource.js';

/** Forward work is over: what sleeps or never began is cancelled, and what was made comes down. */
export function turnBack(session: RunSession, reason: 'failure' | 'cancel'): void {
  const { ledger } = session;
  cancelOpenSteps(session);
  const failure = reason === 'failure' ? causeOf(session) : ledger.run.failure;
  ledger.addLine(null, 'warn', 'Undoing what the run made.');
  ledger.setRun({ status: 'UNDOING', undoReason: reason, failure });
  markForRemoval(session);
}

/** Records the end, with everything that led to it, in one write. */
export async function finishRun(session: RunSession, status: RunStatus): Promise<void> {
  const { ledger } = session;
  if (ledger.run.status === 'QUEUED' && status !== 'CANCELLED') ledger.setRun({ status: 'RUNNING' });
  if (status !== 'SUCCEEDED') cancelOpenSteps(session);
  const wasUndone = ledger.run.status === 'UNDOING' || ledger.run.startedAt === null;
  if (ledger.run.status === 'UNDOING') settleUndone(session);
  const failure = finalFailure(session, status);
  // Another try at what could not be removed that changed nothing has said why; the run need not say so again.
  const isOldNews = ledger.run.status === 'UNDOING' && leftBehind(session).length > 0 && isSameJson(failure, ledger.run.failure);
  ledger.setRun({ status, failure });
  // An undo needs none of them, and a retry after it asks for them again.
  if (status === 'SUCCEEDED' || wasUndone) ledger.wipeSecrets();
  if (!isOldNews) ledger.addLine(null, status === 'SUCCEEDED' ? 'info' : 'error', closingLine(session, status));
  await ledger.commit();
}

function cancelOpenSteps({ ledger, deps }: RunSession): void {
  for (const step of [...ledger.steps.values()]) {
    if (isOpen(step)) ledger.setStep(step.id, { status: 'CANCELLED', wait: null, endedAt: deps.clock.now() });
  }
}

function finalFailure(session: RunSession, status: RunStatus): Failure | null {
  if (status === 'SUCCEEDED') return null;
  const cause = causeOf(session);
  const left = session.ledger.run.undoReason ? leftBehind(session) : [];
  if (left.length === 0) return cause;
  const remedy = `Still to remove: ${left.join('; ')}. That is tried again by itself; mend the cause and ask for Undo, or remove them by hand.`;
  return { code: cause?.code ?? 'undo_incomplete', message: cause?.message ?? 'Not everything could be removed.', remedy };
}

/** The run's deadline, or the first step that failed: what came after may only have followed from that. */
function causeOf({ ledger }: RunSession): Failure | null {
  const { run } = ledger;
  if (run.failure?.code === 'run_deadline_passed') return overdue(run);
  const failed = [...ledger.steps.values()].filter((step) => step.failure !== null && step.status === 'FAILED');
  const first = failed.sort((one, other) => (one.endedAt?.getTime() ?? 0) - (other.endedAt?.getTime() ?? 0))[0];
  return first?.failure ?? (run.failure?.code === 'undo_incomplete' ? null : run.failure);
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
