import type { Held } from './integration.js';
import { LimitedCall } from './limited-call.js';
import { NotNow } from './not-now.js';
import type { ResourceContext, ResourceKind } from './resource-kind.js';
import type { RunSession } from './run-session.js';
import type { LedgerResource, Removal } from './step-definition.js';
import { StepError } from './step-error.js';
import { untilAborted } from './until-aborted.js';

/** For one call of `remove`; what takes longer on the other side answers `pending`. */
const callMs = 2 * 60_000;

/** One call of the kind's `remove`, with the ledger row and the log kept in step with how it went. */
export async function removeResource(session: RunSession, resource: LedgerResource, context: ResourceContext): Promise<Removal> {
  const { deps, ledger } = session;
  const kind = deps.registry.kind(resource.kind);
  if (!kind) throw unknownKind(resource);
  const found = await callInTurn(session, kind, resource, context).catch(pendingIfNotNow);
  const removal = found.outcome === 'absent' ? pendingIfUnsure(resource, deps.clock.now()) ?? found : found;
  if (removal.outcome === 'pending') return removal;
  const note = 'note' in removal ? session.redact(removal.note) : null;
  const over = resource.removal && { ...resource.removal, until: null, reason: null };
  ledger.setResource({ ...resource, state: removal.outcome === 'kept' ? 'KEPT' : 'REMOVED', note, removal: over });
  context.log.info(sentence(resource, removal));
  await ledger.commit();
  return removal;
}

/** Nobody here may know it while an old and a new version are at work at once. */
export function unknownKind(resource: LedgerResource): StepError {
  return new StepError('retry', 'resource_kind_unknown', `Nobody here knows how to remove ${resource.title} (${resource.kind}).`, {
    remedy: `Configure the integration that provides ${resource.kind}, then undo or delete again; or remove it by hand.`,
    retryAfterMs: 20_000,
  });
}

/** With a slot at its outside system; left alone, it is asked again later. */
async function callInTurn(session: RunSession, kind: ResourceKind, resource: LedgerResource, context: ResourceContext): Promise<Removal> {
  const turn = session.integration(resource.kind)?.enter();
  if (!turn) return call(session, kind, resource, context);
  if ('afterMs' in turn) return pendingAs(turn);
  try {
    const held = await turn.begin(AbortSignal.any([context.signal, session.shutdown]));
    if (held) return pendingAs(held);
    const removal = await call(session, kind, resource, context);
    turn.end('answered');
    return removal;
  } catch (error) {
    turn.end(error instanceof StepError && !context.signal.aborted ? error : null);
    throw error;
  } finally {
    turn.end(null);
  }
}

async function call(session: RunSession, kind: ResourceKind, resource: LedgerResource, context: ResourceContext): Promise<Removal> {
  const { deps, ledger } = session;
  const at = { runId: ledger.run.id, stepId: resource.stepId };
  await deps.reach?.({ at: 'removal:before-call', ...at });
  const limited = new LimitedCall(context.signal, callMs);
  try {
    limited.signal.throwIfAborted();
    const removal = await untilAborted(kind.remove({ ...context, signal: limited.signal }, resource), limited.signal);
    await deps.reach?.({ at: 'removal:after-call', ...at });
    return removal;
  } catch (error) {
    if (limited.isOverdue) throw tooSlow(resource, error);
    throw error;
  } finally {
    limited.release();
  }
}

function pendingIfNotNow(error: unknown): Removal {
  if (error instanceof NotNow) return pendingAs(error.held);
  throw error;
}

/** A call that was broken off may take effect after it was looked for. */
function pendingIfUnsure({ title, state, removal }: LedgerResource, now: Date): Removal | null {
  const afterMs = (removal?.unsureUntil?.getTime() ?? 0) - now.getTime();
  if (state !== 'PLANNED' || afterMs <= 0) return null;
  return { outcome: 'pending', afterMs, reason: `${title} is not there, but the call that was to make it was broken off: looking once more.` };
}

function pendingAs(held: Held): Removal {
  return { outcome: 'pending', ...held };
}

function tooSlow(resource: LedgerResource, cause: unknown): StepError {
  const message = `The call that was to remove ${resource.title} took longer than ${callMs / 1000} s.`;
  return new StepError('lost', 'remove_timed_out', message, { remedy: "Look at the other system's state.", cause });
}

function sentence(resource: LedgerResource, removal: Exclude<Removal, { outcome: 'pending' }>): string {
  switch (removal.outcome) {
    case 'removed':
      return `Removed: ${resource.title}.`;
    case 'absent':
      return `Already gone: ${resource.title}.`;
    case 'foreign':
      return `Left alone, it is not ours: ${resource.title}. ${removal.note}`;
    case 'kept':
      return `Kept: ${resource.title}. ${removal.note}`;
  }
}
