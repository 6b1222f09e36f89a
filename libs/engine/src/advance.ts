import { isTerminal } from '@slipway/contracts';
import { applyInbox } from './apply-inbox.js';
import { type Move, decide } from './decide.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { finishRun, turnBack } from './end-of-run.js';
import { LeaseLost } from './ports/run-store.js';
import { RunSession } from './run-session.js';
import { startStep } from './start-step.js';
import { undoResource } from './undo-resource.js';

/**
 * Takes the run's lease and works on it until it ends, sleeps, or must be let go: decide, write the intent, act, write the
 * result, again. Calling it too often, too late or for a run that somebody else has is harmless. When `shutdown` fires,
 * nothing new begins, calls in flight get the grace period, and the lease is handed back for another worker.
 */
export async function advance(deps: EngineDependencies, runId: string, shutdown: AbortSignal): Promise<void> {
  const claim = await deps.store.claim(runId, deps.owner, deps.leaseMs);
  if (!claim) return;
  const session = new RunSession(deps, claim, shutdown);
  try {
    applyInbox(session, claim.inbox);
    if (isTerminal(session.ledger.run.status)) await acknowledgeOnly(session);
    else await drive(session);
  } catch (error) {
    // Whoever claims the run next goes on from what is recorded; a lost lease is the ordinary way to learn of that.
    if (!(error instanceof LeaseLost)) throw error;
  } finally {
    await session.close();
  }
}

async function drive(session: RunSession): Promise<void> {
  for (;;) {
    session.throwIfBroken();
    if (session.shutdown.aborted) return handBack(session);
    const moves = decide(session.situation());
    const alone = moves[0];
    if (alone?.type === 'finish') {
      await finishRun(session, alone.status);
      return;
    }
    if (alone?.type === 'sleep') {
      if (await sleep(session, alone.until)) return;
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

/** Gives the lease back until then; false when the inbox turned out to hold something, which has then been applied. */
async function sleep(session: RunSession, until: Date): Promise<boolean> {
  const { ledger, deps } = session;
  if (ledger.run.status === 'RUNNING' || ledger.run.status === 'QUEUED') {
    if (ledger.run.status === 'QUEUED') ledger.setRun({ status: 'RUNNING' });
    ledger.setRun({ status: 'WAITING' });
  }
  await ledger.commit();
  if (!(await deps.store.release(ledger.lease, until))) {
    applyInbox(session, await deps.store.heartbeat(ledger.lease, deps.leaseMs));
    return false;
  }
  await deps.queue.enqueue(ledger.run.id, Math.max(0, until.getTime() - deps.clock.now().getTime()));
  return true;
}

/** The messages came too late to mean anything. */
async function acknowledgeOnly({ ledger, deps }: RunSession): Promise<void> {
  await ledger.commit();
  await deps.store.release(ledger.lease, null);
}

async function handBack(session: RunSession): Promise<void> {
  const { ledger, deps } = session;
  await session.settleInFlight(deps.graceMs);
  await ledger.commit();
  await deps.store.release(ledger.lease, deps.clock.now());
  await deps.queue.enqueue(ledger.run.id);
}

