import type { NewSignal } from '../engine/new-signal.js';
import { learnOfRepositories, type RepositoryNews } from '../repositories/learn-of-repository.js';
import type { ObservedRepositories } from '../repositories/observed-repositories.js';
import type { DeliveryId, DeliveryStore } from './delivery-store.js';

/** What a provider's parser makes of a delivery. */
export type RepositoryEvent =
  | ({ event: 'told'; /** Where it is of a push. */ branch: string | null } & RepositoryNews)
  /** Nothing here for the catalogue: a ping, another organisation's concern. */
  | { event: 'ignored'; reason: string };

export interface DeliveredEvent {
  delivery: DeliveryId;
  event: RepositoryEvent;
  /** For steps that wait for it. */
  signal: NewSignal | null;
}

export interface ApplyRepositoryEventsDeps {
  deliveries: DeliveryStore;
  repositories: ObservedRepositories;
  kick(): void;
  ring(runId: string): void;
}

/**
 * Brings the catalogue up to date and answers for each what came of it, which is also kept with the delivery. May be repeated.
 * The same bytes under another id tell nothing: only the body is signed, so anybody who saw one could send it again. A push
 * brings some twenty deliveries of one repository within a second or two: what comes together is looked up and kept together.
 */
export async function applyRepositoryEvents(deps: ApplyRepositoryEventsDeps, delivered: readonly DeliveredEvent[]): Promise<string[]> {
  const originals = await deps.deliveries.originalsOf(delivered.map(({ delivery }) => delivery));
  const news = delivered.flatMap(({ event }, index) => (originals[index] === null && event.event === 'told' ? [event] : []));
  const learnt = await learnOfRepositories(deps, news);
  const outcomes = delivered.map(({ event }, index) => {
    if (originals[index] !== null) return `ignored: repeats ${originals[index]}`;
    return event.event === 'told' ? (learnt.get(event) ?? 'unknown_repository') : `ignored: ${event.reason}`;
  });
  const told = await deps.deliveries.finish(
    delivered.map(({ delivery, signal }, index) => ({ ...delivery, outcome: outcomes[index] ?? '', signal: originals[index] === null ? signal : null })),
  );
  for (const runId of told) deps.ring(runId);
  if (told.length > 0) deps.kick();
  return outcomes;
}
