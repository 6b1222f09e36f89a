import type { InboxMessage } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { canBeCalledBack } from './transitions.js';
import { isTerminal } from '@slipway/contracts';

/**
 * What others asked of the run, taken into its state; the acknowledgement travels with the change. A message that makes no
 * sense any more (a cancel after the end) is acknowledged and has no effect. Answers whether anything changed.
 */
export function applyInbox(session: RunSession, messages: InboxMessage[]): boolean {
  const fresh = messages.filter((message) => session.takeMessage(message.id));
  for (const message of fresh) {
    if (message.kind === 'cancel') cancel(session);
    if (message.kind === 'retry') retry(session);
    if (message.kind === 'undo') undo(session);
  }
  session.ledger.acknowledge(fresh.map((message) => message.id));
  return fresh.length > 0;
}

function cancel({ ledger }: RunSession): void {
  if (isTerminal(ledger.run.status) || ledger.run.status === 'UNDOING' || ledger.run.undoReason) return;
  ledger.addLine(null, 'warn', 'Cancel was asked for: stopping what is in flight.');
  ledger.setRun({ undoReason: 'cancel' });
}

/** From the failed step on: what succeeded stays, what was undone is done again. */
function retry({ ledger, deps }: RunSession): void {
  if (!canBeCalledBack(ledger.run.status)) return;
  ledger.addLine(null, 'info', 'Retry was asked for: going on from where the run failed.');
  for (const step of ledger.steps.values()) {
    if (step.status === 'SUCCEEDED' || step.status === 'SKIPPED') continue;
    ledger.setStep(step.id, { status: 'PENDING', attempt: 0, failures: 0, losses: 0, input: null, output: null, failure: null, wait: null, startedAt: null, endedAt: null });
  }
  ledger.setRun({ status: 'RUNNING', failure: null, undoReason: null, startedAt: deps.clock.now() });
}

function undo({ ledger }: RunSession): void {
  if (!canBeCalledBack(ledger.run.status)) return;
  ledger.addLine(null, 'info', 'Undo was asked for: removing what the run made.');
  for (const resource of ledger.resources) {
    if (resource.state === 'REMOVE_FAILED') ledger.setResource({ ...resource, state: 'CREATED' });
  }
  ledger.setRun({ status: 'UNDOING', undoReason: 'request' });
}
