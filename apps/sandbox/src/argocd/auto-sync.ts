import { type Application, type Condition, isAutomated, type Operation } from './application.js';

export const SELF_HEAL_AFTER_MS = 5_000;
const DEFAULT_RETRY = { limit: 5 };

/**
 * The operation that the automated policy now asks for, or undefined. A commit is tried once (with the retries its operation
 * has): an attempt that failed is not repeated until there is another commit or someone asks.
 */
export function automatedOperation(application: Application, now: string): Operation | undefined {
  const { spec, status, metadata, operation } = application;
  const automated = spec.syncPolicy?.automated;
  if (!automated || !isAutomated(spec) || operation || metadata.deletionTimestamp) return undefined;
  if (status.sync.status !== 'OutOfSync' || !status.sync.revision) return undefined;
  const changed = (status.resources ?? []).filter((resource) => resource.status === 'OutOfSync');
  if (!automated.prune && changed.every((resource) => resource.requiresPruning)) return undefined;
  if (wasAttempted(application) && !mayHeal(application, now)) return undefined;
  return {
    sync: {
      revision: status.sync.revision,
      ...(automated.prune && { prune: true }),
      ...(spec.syncPolicy?.syncOptions && { syncOptions: spec.syncPolicy.syncOptions }),
    },
    initiatedBy: { automated: true },
    retry: spec.syncPolicy?.retry ?? DEFAULT_RETRY,
  };
}

/** What is shown while a commit stays untried because its one attempt failed. */
export function failedAttempt(application: Application): Condition | undefined {
  const { spec, status } = application;
  const state = status.operationState;
  if (!isAutomated(spec) || status.sync.status !== 'OutOfSync' || !wasAttempted(application)) return undefined;
  if (state?.phase !== 'Failed' && state?.phase !== 'Error') return undefined;
  return { type: 'SyncError', message: `Failed last sync attempt to ${status.sync.revision}: ${state.message}` };
}

/** Whether a later look may heal what this one could not. */
export function waitsToHeal({ spec, status }: Application): boolean {
  const heals = isAutomated(spec) && spec.syncPolicy?.automated?.selfHeal === true;
  return heals && status.sync.status === 'OutOfSync' && status.operationState?.phase === 'Succeeded';
}

function wasAttempted({ status, spec }: Application): boolean {
  const result = status.operationState?.syncResult;
  return result?.revision === status.sync.revision && JSON.stringify(result?.source) === JSON.stringify(spec.source);
}

/** What drifted after a successful sync is healed, not at once, and only where the policy says so. */
function mayHeal({ spec, status }: Application, now: string): boolean {
  const state = status.operationState;
  if (!spec.syncPolicy?.automated?.selfHeal || state?.phase !== 'Succeeded' || !state.finishedAt) return false;
  return Date.parse(now) - Date.parse(state.finishedAt) >= SELF_HEAL_AFTER_MS;
}
