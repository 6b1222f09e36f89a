import { isTerminal } from '@slipway/contracts';
import type { InboxMessage } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { canBeCalledBack } from './transitions.js';
import { markForAnotherTry, markForRemoval } from './undo-resource.js';

/**
 * What others asked of the run, taken into its state; the acknowledgement travels with the change. A message that makes no
 * sense any more (a cancel after the end) is acknowledged and has no effect. Answers whether anything changed.
 */
export function applyInbox(session: RunSession, messages: InboxMessage[]): boolean {
  const isAsked = messages.some((message) => message.kind === 'retry' || isAskedFor(message));
  let applied = false;
  for (const message of messages) {
    if (mustWait(session, message)) {
      session.putOff.add(message.id);
    } else if (session.takeMessage(message.id)) {
      apply(session, message, isAsked);
      session.ledger.acknowledge([message.id]);
      applied = true;
    }
  }
  return applied;
}

/** A retry that was accepted just before an undo began goes on from where that ends. */
function mustWait({ ledger, putOff }: RunSession, { id, kind }: InboxMessage): boolean {
  return putOff.has(id) || (kind === 'retry' && ledger.run.status === 'UNDOING');
}

function apply(session: RunSession, message: InboxMessage, isAsked: boolean): void {
  switch (message.kind) {
    case 'cancel':
      return cancel(session);
    case 'retry':
      return retry(session);
    case 'signal':
      return signal(session, String(message.body['key']));
    case 'undo':
      if (isAskedFor(message)) return undo(session);
      // What a person wants goes before what the engine does by itself.
      return isAsked ? undefined : undoAgain(session);
  }
}

function isAskedFor({ kind, body }: InboxMessage): boolean {
  return kind === 'undo' && body['automatic'] !== true;
}

function cancel({ ledger }: RunSession): void {
  if (isTerminal(ledger.run.status) || ledger.run.status === 'UNDOING' || ledger.run.undoReason) return;
  ledger.addLine(null, 'warn', 'Cancel was asked for: stopping what is in flight.');
  ledger.setRun({ undoReason: 'cancel' });
}

/** From the failed step on: what succeeded stays, everything else is done again, and what ran because of the failure. */
function retry({ ledger, deps }: RunSession): void {
  if (!canBeCalledBack(ledger.run.status)) return;
  ledger.addLine(null, 'info', 'Retry was asked for: going on from where the run failed.');
  const again = { attempt: 0, failures: 0, losses: 0, input: null, output: null, failure: null, wait: null, startedAt: null, endedAt: null };
  for (const step of [...ledger.steps.values()]) {
    const whole = step.parent === null ? step : ledger.step(step.parent);
    const stays = !ledger.planned(step.id).when && (step.status === 'SUCCEEDED' || whole.status === 'SUCCEEDED');
    if (!stays) ledger.setStep(step.id, { status: 'PENDING', ...again });
  }
  ledger.setRun({ status: 'RUNNING', failure: null, undoReason: null, startedAt: deps.clock.now() });
}

/** Whoever waits for it is due now; what came is read when its turn comes. */
function signal({ ledger, deps }: RunSession, key: string): void {
  const now = deps.clock.now();
  for (const step of [...ledger.steps.values()]) {
    const { wait } = step;
    if (step.status !== 'WAITING' || wait?.for !== 'wait' || wait.signal !== key || wait.until <= now) continue;
    ledger.setStep(step.id, { wait: { ...wait, until: now, woken: true } });
  }
}

function undo(session: RunSession): void {
  const { ledger } = session;
  const { status, undoReason } = ledger.run;
  if (status === 'UNDOING') return markForRemoval(session);
  if (!canBeCalledBack(status)) {
    if (!isTerminal(status)) ledger.addLine(null, 'warn', 'Undo was asked for, but the run is at work again: ask again once it has ended.');
    return;
  }
  ledger.addLine(null, 'info', 'Undo was asked for: removing what the run made.');
  ledger.setRun({ status: 'UNDOING', undoReason: undoReason ?? 'request' });
  markForRemoval(session);
}

/** Of itself, when something that could not be removed is due for another try. */
function undoAgain(session: RunSession): void {
  const { ledger } = session;
  if (!canBeCalledBack(ledger.run.status) || !markForAnotherTry(session)) return;
  ledger.setRun({ status: 'UNDOING', undoReason: ledger.run.undoReason ?? 'request' });
}
