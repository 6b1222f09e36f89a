import type { DeliveryId, DeliveryStore, LatestCommit, LedgerKey } from './delivery-store.js';

/** What a provider's parser makes of a delivery. */
export type RepositoryEvent =
  | { event: 'push'; repository: LedgerKey; branch: string; defaultBranch: string; commit: LatestCommit }
  /** Nothing here for the catalogue: a ping, a tag, a deleted branch. */
  | { event: 'ignored'; reason: string };

export interface ApplyRepositoryEventCommand {
  delivery: DeliveryId;
  event: RepositoryEvent;
}

/** Brings the catalogue up to date and answers what came of it, which is also kept with the delivery. May be repeated. */
export async function applyRepositoryEvent(
  deps: { deliveries: DeliveryStore },
  command: ApplyRepositoryEventCommand,
): Promise<string> {
  const { delivery, event } = command;
  if (event.event === 'push' && event.branch === event.defaultBranch) {
    return deps.deliveries.applyCommit(delivery, event.repository, event.commit);
  }
  const outcome = event.event === 'push' ? 'ignored: not the default branch' : `ignored: ${event.reason}`;
  await deps.deliveries.finish(delivery, outcome);
  return outcome;
}
