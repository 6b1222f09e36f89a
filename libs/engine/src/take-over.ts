import { isStanding } from '@slipway/contracts';
import type { Claim, StepRecord } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { failStep } from './settle-step.js';
import { StepError } from './step-error.js';
import { countLostRemovals, markForRemoval } from './undo-resource.js';

/** A step that ends its worker so often will end the next one too. */
const mostLosses = 10;

/** What the last holder left in the middle: it did not hand the run over, so it was lost with it. */
export function takeOver(session: RunSession, { wasLost }: Pick<Claim, 'wasLost'>): void {
  const { ledger, deps } = session;
  const isLost = (step: StepRecord): boolean => step.status === 'RUNNING' || (wasLost && isBeingPolled(step, deps.clock.now()));
  for (const step of [...ledger.steps.values()]) {
    const planned = ledger.planned(step.id);
    if (!isLost(step) || planned.each !== undefined) continue;
    ledger.setStep(step.id, { losses: step.losses + 1 });
    if (step.losses + 1 >= mostLosses) failStep(session, planned, lostTooOften());
  }
  if (ledger.run.status !== 'UNDOING') return;
  countLostRemovals(session);
  // Begun by a worker of a version that marked nothing: everything was to go.
  const isMarked = ledger.resources.some(({ removal }) => removal !== null);
  if (!isMarked && ledger.resources.some(({ state }) => isStanding(state))) markForRemoval(session);
}

/** Another look at what a step waits for leaves no trace until it has been taken. */
function isBeingPolled({ status, wait }: StepRecord, now: Date): boolean {
  return status === 'WAITING' && wait?.for === 'wait' && wait.until <= now;
}

function lostTooOften(): StepError {
  return new StepError('fatal', 'step_lost_repeatedly', `The worker was lost ${mostLosses} times in the middle of this step.`, {
    remedy: 'It may be the step that ends it: look at the logs and the memory of the workers, then retry the run.',
  });
}
