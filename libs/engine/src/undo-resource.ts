import { isStanding } from '@slipway/contracts';
import { backoffMs } from './backoff.js';
import { isGivenUp, mostRemovalAttempts } from './removal-order.js';
import { removeResource, unknownKind } from './remove-resource.js';
import type { StepRecord } from './ports/run-store.js';
import type { RunLedger } from './run-ledger.js';
import type { RunSession } from './run-session.js';
import { resourceContext } from './step-context.js';
import { type LedgerResource, type ResourceRemoval, resourceKey } from './step-definition.js';
import { StepError } from './step-error.js';

/** What the other side is still at after so long is given up for now. */
const pendingForMs = 5 * 60_000;
const firstPauseMs = 5 * 60_000;
const longestPauseMs = 60 * 60_000;

/** Marks for removal what stands of this run, and says of each step whether anything is to be undone. */
export function markForRemoval(session: RunSession): void {
  const { ledger, deps } = session;
  const now = deps.clock.now();
  const removal = { attempts: 0, givenUp: 0, since: now, until: now, reason: null };
  for (const resource of [...ledger.resources]) {
    if (isStanding(resource.state)) ledger.setResource({ ...resource, removal: { ...removal, ...unsureUntil(session, resource) } });
  }
  for (const step of [...ledger.steps.values()]) {
    if (step.status === 'SUCCEEDED') ledger.setStep(step.id, { status: hasStanding(ledger, step) ? 'UNDOING' : 'UNDONE' });
  }
}

/** Of what was never seen, because its step's last call was broken off. */
function unsureUntil({ ledger, deps, unsure }: RunSession, { state, stepId }: LedgerResource): Pick<ResourceRemoval, 'unsureUntil'> {
  if (state !== 'PLANNED' || !unsure.has(stepId)) return {};
  const brokenOff = ledger.step(stepId).endedAt ?? deps.clock.now();
  return { unsureUntil: new Date(brokenOff.getTime() + deps.settleMs) };
}

/** Marks one more try at what was given up and is due; a person who asks for Undo gets all tries again. */
export function markForAnotherTry({ ledger, deps }: RunSession): boolean {
  const now = deps.clock.now();
  const due = ledger.resources.filter((resource) => isGivenUp(resource) && (resource.removal?.until ?? now) <= now);
  for (const resource of due) {
    const { givenUp } = resource.removal ?? { givenUp: 1 };
    ledger.setResource({ ...resource, removal: { attempts: mostRemovalAttempts - 1, givenUp, since: now, until: now, reason: null } });
  }
  return due.length > 0;
}

/** Sets the intent and prepares the call that removes one thing the run made. */
export function undoResource(session: RunSession, resource: LedgerResource): void {
  const { ledger, deps } = session;
  const now = deps.clock.now();
  const removal = resource.removal ?? { attempts: 0, givenUp: 0, since: now, until: now, reason: null };
  const intended = { ...resource, removal: { ...removal, until: null } };
  ledger.setResource(intended);
  const step = ledger.step(resource.stepId);
  if (step.status === 'SUCCEEDED' || step.status === 'UNDO_FAILED') ledger.setStep(step.id, { status: 'UNDOING' });
  session.prepare(resourceKey(resource), () => tryOnce(session, intended, removal));
}

/** A worker that was lost in the middle of a removal has used up a try: it may have been the removal that killed it. */
export function countLostRemovals(session: RunSession): void {
  const lost = session.ledger.resources.filter(({ state, removal }) => isStanding(state) && removal?.until === null);
  for (const resource of lost) {
    if (resource.removal) tryAgain(session, resource, resource.removal, new StepError('lost', 'remove_lost', 'The worker was lost in the middle of it.'));
  }
}

/** What became of the steps whose things were to be removed. */
export function settleUndone({ ledger }: RunSession): void {
  for (const step of [...ledger.steps.values()]) {
    if (step.status !== 'UNDOING' && step.status !== 'UNDO_FAILED') continue;
    ledger.setStep(step.id, { status: hasStanding(ledger, step) ? 'UNDO_FAILED' : 'UNDONE' });
  }
}

/** What it made, or one of its items. */
function hasStanding(ledger: RunLedger, { id }: StepRecord): boolean {
  return ledger.resources.some(({ stepId, state }) => isStanding(state) && (stepId === id || ledger.steps.get(stepId)?.parent === id));
}

async function tryOnce(session: RunSession, resource: LedgerResource, before: ResourceRemoval): Promise<void> {
  const { deps, ledger } = session;
  const signal = session.callSignal;
  const now = (): number => deps.clock.now().getTime();
  try {
    const isKnown = deps.registry.kind(resource.kind) !== undefined;
    const removal = isKnown ? await removeResource(session, resource, resourceContext(session, resource.stepId, signal)) : unknown(resource);
    if (removal.outcome !== 'pending') return settleGone(session, resource);
    if (now() - before.since.getTime() > pendingForMs) return giveUp(session, resource, before, isKnown ? tooSlow(resource, removal.reason) : unknownKind(resource));
    const until = new Date(now() + removal.afterMs);
    ledger.setResource({ ...resource, removal: { ...before, until, reason: session.redact(removal.reason) } });
  } catch (error) {
    // This worker is stopping and nothing is known of the try: the next one makes it anew.
    if (signal.aborted || session.shutdown.aborted) return ledger.setResource({ ...resource, removal: { ...before, until: deps.clock.now() } });
    const crashed = (): StepError => new StepError('fatal', 'remove_crashed', error instanceof Error ? error.message : String(error));
    tryAgain(session, resource, before, error instanceof StepError ? error : crashed());
  }
}

function settleGone({ ledger }: RunSession, { stepId }: LedgerResource): void {
  const step = ledger.step(stepId);
  if (step.status === 'UNDOING' && !hasStanding(ledger, step)) ledger.setStep(stepId, { status: 'UNDONE' });
}

function tryAgain(session: RunSession, resource: LedgerResource, before: ResourceRemoval, error: StepError): void {
  const { deps, ledger } = session;
  const attempts = before.attempts + 1;
  if (error.classification === 'fatal' || attempts >= mostRemovalAttempts) return giveUp(session, resource, before, error);
  const reason = session.redact(`Could not remove ${resource.title} yet (attempt ${attempts} of ${mostRemovalAttempts}): ${error.message}`);
  ledger.addLine(resource.stepId, 'warn', reason);
  const until = new Date(deps.clock.now().getTime() + backoffMs(attempts, error.retryAfterMs));
  ledger.setResource({ ...resource, removal: { ...before, attempts, until, reason } });
}

/** For now: it is tried again by itself, ever more rarely, until it is gone. */
function giveUp(session: RunSession, resource: LedgerResource, before: ResourceRemoval, error: StepError): void {
  const { ledger, deps } = session;
  const note = session.redact([error.message, error.remedy].filter(Boolean).join(' '));
  const until = new Date(deps.clock.now().getTime() + Math.min(longestPauseMs, firstPauseMs * 2 ** before.givenUp));
  ledger.addLine(resource.stepId, 'error', `Could not remove ${resource.title}: ${note} It is tried again at ${until.toISOString()}.`);
  ledger.setResource({ ...resource, state: 'REMOVE_FAILED', note, removal: { ...before, attempts: mostRemovalAttempts, givenUp: before.givenUp + 1, until, reason: note } });
  if (ledger.step(resource.stepId).status === 'UNDOING') ledger.setStep(resource.stepId, { status: 'UNDO_FAILED' });
}

function unknown(resource: LedgerResource): { outcome: 'pending'; afterMs: number; reason: string } {
  return { outcome: 'pending', afterMs: 2_000 + Math.random() * 3_000, reason: unknownKind(resource).message };
}

function tooSlow(resource: LedgerResource, reason: string): StepError {
  return new StepError('fatal', 'remove_too_slow', `${resource.title} was still there after 5 minutes: ${reason}`, {
    remedy: 'See in the other system what holds it.',
  });
}
