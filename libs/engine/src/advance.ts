import { type RunStatus, isTerminal } from '@slipway/contracts';
import { applyInbox } from './apply-inbox.js';
import { type Move, decide } from './decide.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { finishRun, turnBack } from './end-of-run.js';
import { gatherItems } from './expand-each.js';
import { LeaseLost } from './ports/run-store.js';
import { RunSession } from './run-session.js';
import { startStep } from './start-step.js';
import { takeOver } from './take-over.js';
import { undoResource } from './undo-resource.js';

/**
 * Takes the run's lease and works on it until it ends, sleeps, or must be let go: decide, write the intent, act, write the
 * result, again. Calling it too often, too late or for a run that somebody else has is harmless. When `shutdown` fires,
 * nothing new begins, calls in flight get the grace period, and the lease is handed back for another worker.
 */
export async function advance(deps: EngineDependencies, runId: string, shutdown: AbortSignal): Promise<void> {
  const askedAt = performance.now();
  const claim = await deps.store.claim(runId, deps.owner, deps.leaseMs);
  if (!claim) return;
  const session = new RunSession(deps, claim, shutdown, askedAt);
  try {
    takeOver(session, claim);
    applyInbox(session, claim.inbox);
    // Messages that came too late to mean anything are acknowledged, and that is all.
    while (isTerminal(session.ledger.run.status)) if (await letGo(session, null)) return;
    await drive(session);
  } catch (error) {
    // Whoever claims the run next goes on from what is recorded; a lost lease is the ordinary way to learn of that.
    if (!(error instanceof LeaseLost)) throw error;
  } finally {
    await session.close();
  }
}

async function drive(session: RunSession): Promise<void> {
  // Not before: a retry that has just been read may have brought others.
  await session.typed.open();
  for (;;) {
    session.throwIfBroken();
    if (session.shutdown.aborted) return handBack(session);
    const moves = decide(session.situation());
    const alone = moves[0];
    if (alone?.type === 'finish') {
      return finish(session, alone.status);
    }
    if (alone?.type === 'sleep') {
      if (isNap(session, alone.until)) await nap(session, alone.until);
      else if (await sleep(session, alone.until)) return;
      continue;
    }
    for (const move of moves) perform(session, move);
    if (moves.some((move) => move.type === 'turn-back')) continue;
    await session.ledger.commit();
    await session.deps.reach?.({ at: 'run:recorded', runId: session.ledger.run.id, stepId: null });
    session.launchPrepared();
    if (session.isBusy()) await session.nextChange();
  }
}

function perform(session: RunSession, move: Move): void {
  switch (move.type) {
    case 'start':
      return startStep(session, move.step);
    case 'gather':
      return gatherItems(session, move.step);
    case 'remove':
      return undoResource(session, move.resource);
    case 'abort':
      return session.abortInFlight();
    case 'fail':
      return session.ledger.setRun({ failure: move.failure });
    case 'turn-back':
      return turnBack(session, move.reason);
    case 'sleep':
    case 'finish':
      return;
  }
}

function isNap({ deps }: RunSession, until: Date): boolean {
  return until.getTime() - deps.clock.now().getTime() < (deps.napMs ?? 0);
}

/** Keeps the lease: for so little time the run changes hands for nothing. */
async function nap(session: RunSession, until: Date): Promise<void> {
  await session.ledger.commit();
  const timer = setTimeout(session.notify, Math.max(0, until.getTime() - session.deps.clock.now().getTime()));
  await session.nextChange();
  clearTimeout(timer);
}

/** Gives the lease back until then; false when the inbox turned out to hold something, which has then been applied. */
async function sleep(session: RunSession, until: Date): Promise<boolean> {
  const { ledger, deps } = session;
  if (ledger.run.status === 'QUEUED') ledger.setRun({ status: 'RUNNING' });
  if (ledger.run.status === 'RUNNING') ledger.setRun({ status: 'WAITING' });
  if (!(await letGo(session, until))) return false;
  await deps.queue.enqueue(ledger.run.id, Math.max(0, until.getTime() - deps.clock.now().getTime()));
  return true;
}

async function finish(session: RunSession, status: RunStatus): Promise<void> {
  await finishRun(session, status);
  if (session.putOff.size > 0) await session.deps.queue.enqueue(session.ledger.run.id);
}

/** Another worker goes on at once, whatever has come into the inbox meanwhile. */
async function handBack(session: RunSession): Promise<void> {
  const { ledger, deps } = session;
  await session.settleInFlight(deps.graceMs);
  while (!(await letGo(session, deps.clock.now())));
  await deps.queue.enqueue(ledger.run.id);
}

async function letGo(session: RunSession, wakeAt: Date | null): Promise<boolean> {
  const { ledger, deps } = session;
  await ledger.commit();
  if (await deps.store.release(ledger.lease, wakeAt, [...session.putOff])) return true;
  applyInbox(session, await deps.store.heartbeat(ledger.lease, deps.leaseMs));
  return false;
}
