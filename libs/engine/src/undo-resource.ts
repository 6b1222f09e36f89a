import { backoffMs } from './backoff.js';
import { resourceKey } from './decide.js';
import type { ResourceContext } from './resource-kind.js';
import { removeResource } from './remove-resource.js';
import type { RunSession } from './run-session.js';
import { runSecrets, stepLog } from './step-context.js';
import type { LedgerResource } from './step-definition.js';
import { StepError } from './step-error.js';

const attempts = 6;
const pendingDeadlineMs = 5 * 60_000;

/** Prepares the removal of one thing the run made, tried until it is gone, or says what a person must still remove. */
export function undoResource(session: RunSession, resource: LedgerResource): void {
  const { ledger } = session;
  if (ledger.step(resource.stepId).status === 'SUCCEEDED') ledger.setStep(resource.stepId, { status: 'UNDOING' });
  session.prepare(resourceKey(resource), () => undoUntilGone(session, resource));
}

async function undoUntilGone(session: RunSession, resource: LedgerResource): Promise<void> {
  const { deps, ledger, values } = session;
  const signal = session.callSignal;
  const log = stepLog(ledger, resource.stepId);
  const context: ResourceContext = {
    mark: ledger.run.mark,
    signal,
    log,
    secrets: runSecrets(deps, values, signal),
    clock: deps.clock,
    options: {},
  };
  const giveUpAt = deps.clock.now().getTime() + pendingDeadlineMs;
  for (let attempt = 1; ; ) {
    try {
      const removal = await removeResource({ deps, ledger, resource, context });
      if (removal.outcome !== 'pending') return;
      if (deps.clock.now().getTime() > giveUpAt) throw tooSlow(resource, removal.reason);
      await deps.clock.sleep(removal.afterMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof StepError ? error : new StepError('fatal', 'remove_crashed', String(error));
      if (failure.classification === 'fatal' || attempt >= attempts) return giveUp(session, resource, failure);
      log.warn(`Could not remove ${resource.title} yet (attempt ${attempt} of ${attempts}): ${failure.message}`);
      await deps.clock.sleep(backoffMs(attempt, failure.retryAfterMs), signal).catch(() => undefined);
      if (signal.aborted) return;
      attempt += 1;
    }
  }
}

function giveUp({ ledger, deps, values }: RunSession, resource: LedgerResource, error: StepError): void {
  const note = deps.processSecrets.redact(values.redact([error.message, error.remedy].filter(Boolean).join(' ')));
  ledger.addLine(resource.stepId, 'error', `Could not remove ${resource.title}: ${note}`);
  ledger.setResource({ ...resource, state: 'REMOVE_FAILED', note });
  if (ledger.step(resource.stepId).status === 'UNDOING') ledger.setStep(resource.stepId, { status: 'UNDO_FAILED' });
}

function tooSlow(resource: LedgerResource, reason: string): StepError {
  return new StepError('fatal', 'remove_too_slow', `${resource.title} was still there after 5 minutes: ${reason}`, {
    remedy: 'See in the other system what holds it, then ask for Undo again.',
  });
}
