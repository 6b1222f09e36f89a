import type { NewSignal } from '../engine/new-signal.js';
import type { DeliveryId, DeliveryStore, LatestCommit, LedgerKey } from './delivery-store.js';

/** What a provider's parser makes of a delivery. */
export type RepositoryEvent =
  | { event: 'push'; repository: LedgerKey; branch: string; defaultBranch: string; commit: LatestCommit }
  /** Nothing here for the catalogue: a ping, a tag, a deleted branch. */
  | { event: 'ignored'; reason: string };

export interface ApplyRepositoryEventCommand {
  delivery: DeliveryId;
  event: RepositoryEvent;
  /** For steps that wait for it. */
  signal: NewSignal | null;
}

export interface ApplyRepositoryEventDeps {
  deliveries: DeliveryStore;
  kick(): void;
  ring(runId: string): void;
}

/** Brings the catalogue up to date and answers what came of it, which is also kept with the delivery. May be repeated. */
export async function applyRepositoryEvent(
  deps: ApplyRepositoryEventDeps,
  command: ApplyRepositoryEventCommand,
): Promise<string> {
  const outcome = await outcomeOf(deps.deliveries, command.event);
  const told = await deps.deliveries.finish(command.delivery, outcome, command.signal);
  for (const runId of told) deps.ring(runId);
  if (told.length > 0) deps.kick();
  return outcome;
}

async function outcomeOf(deliveries: DeliveryStore, event: RepositoryEvent): Promise<string> {
  if (event.event !== 'push') return `ignored: ${event.reason}`;
  if (event.branch !== event.defaultBranch) return 'ignored: not the default branch';
  return deliveries.applyCommit(event.repository, event.commit);
}
