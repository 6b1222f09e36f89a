import type { NewSignal } from '../engine/new-signal.js';
import { learnOfRepository, type RepositoryNews } from '../repositories/learn-of-repository.js';
import type { ObservedRepositories } from '../repositories/observed-repositories.js';
import type { DeliveryId, DeliveryStore } from './delivery-store.js';

/** What a provider's parser makes of a delivery. */
export type RepositoryEvent =
  | ({ event: 'told'; /** Where it is of a push. */ branch: string | null } & RepositoryNews)
  /** Nothing here for the catalogue: a ping, another organisation's concern. */
  | { event: 'ignored'; reason: string };

export interface ApplyRepositoryEventCommand {
  delivery: DeliveryId;
  event: RepositoryEvent;
  /** For steps that wait for it. */
  signal: NewSignal | null;
}

export interface ApplyRepositoryEventDeps {
  deliveries: DeliveryStore;
  repositories: ObservedRepositories;
  kick(): void;
  ring(runId: string): void;
}

/**
 * Brings the catalogue up to date and answers what came of it, which is also kept with the delivery. May be repeated. The
 * same bytes under another id tell nothing: only the body is signed, so anybody who saw one could send it again.
 */
export async function applyRepositoryEvent(
  deps: ApplyRepositoryEventDeps,
  { delivery, event, signal }: ApplyRepositoryEventCommand,
): Promise<string> {
  const original = await deps.deliveries.originalOf(delivery);
  const outcome = original === null ? await outcomeOf(deps, event) : `ignored: repeats ${original}`;
  const told = await deps.deliveries.finish(delivery, outcome, original === null ? signal : null);
  for (const runId of told) deps.ring(runId);
  if (told.length > 0) deps.kick();
  return outcome;
}

async function outcomeOf(deps: ApplyRepositoryEventDeps, event: RepositoryEvent): Promise<string> {
  return event.event === 'told' ? learnOfRepository(deps, event) : `ignored: ${event.reason}`;
}
