import type { EngineDependencies } from './engine-dependencies.js';
import type { ResourceContext } from './resource-kind.js';
import type { RunLedger } from './run-ledger.js';
import type { LedgerResource, Removal } from './step-definition.js';
import { StepError } from './step-error.js';

/** One call of the kind's `remove`, with the ledger row and the log kept in step with how it went. */
export async function removeResource(parts: {
  deps: EngineDependencies;
  ledger: RunLedger;
  resource: LedgerResource;
  context: ResourceContext;
}): Promise<Removal> {
  const { deps, ledger, resource, context } = parts;
  const kind = deps.registry.kind(resource.kind);
  if (!kind) {
    throw new StepError('fatal', 'resource_kind_unknown', `Nobody here knows how to remove ${resource.title} (${resource.kind}).`, {
      remedy: `Configure the integration that provides ${resource.kind}, then undo or delete again; or remove it by hand.`,
    });
  }
  const at = { runId: ledger.run.id, stepId: resource.stepId };
  await deps.reach?.({ at: 'removal:before-call', ...at });
  const removal = await kind.remove(context, resource);
  await deps.reach?.({ at: 'removal:after-call', ...at });
  if (removal.outcome === 'pending') return removal;
  const note = 'note' in removal ? removal.note : null;
  ledger.setResource({ ...resource, state: removal.outcome === 'kept' ? 'KEPT' : 'REMOVED', note });
  context.log.info(sentence(resource, removal));
  await ledger.commit();
  return removal;
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
