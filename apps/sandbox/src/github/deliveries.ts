import type { Collection } from '../core/store.js';
import type { Delivery } from './model.js';

const KEPT_PER_HOOK = 100;

/**
 * What was sent to each hook, the last hundred. Each takes the place of the one that goes: of thousands a minute, with ten kilobytes
 * each, to write one where another lay takes the database half of what it takes to put one here and to take one away there.
 */
export class Deliveries {
  /** Of each hook, where the next one goes. */
  readonly #places = new Map<number, number>();

  constructor(private readonly kept: Collection<Delivery>) {}

  add(delivery: Delivery): void {
    const { hookId } = delivery;
    const place = this.#places.get(hookId) ?? this.#placeAfterTheNewest(hookId);
    this.#places.set(hookId, (place + 1) % KEPT_PER_HOOK);
    this.kept.set(keyOf(hookId, place), delivery);
  }

  /** The oldest first. */
  of(hookId: number): Delivery[] {
    return inOrder(this.kept.list(prefixOf(hookId)));
  }

  all(): Delivery[] {
    return inOrder(this.kept.list());
  }

  forget(hookId: number): void {
    for (const key of this.kept.keys(prefixOf(hookId))) this.kept.delete(key);
  }

  #placeAfterTheNewest(hookId: number): number {
    const newest = this.kept.list(prefixOf(hookId)).sort((a, b) => a.value.id - b.value.id).at(-1);
    return newest ? (Number(newest.key.slice(prefixOf(hookId).length)) + 1) % KEPT_PER_HOOK : 0;
  }
}

function prefixOf(hookId: number): string {
  return `${hookId}/`;
}

function keyOf(hookId: number, place: number): string {
  return `${prefixOf(hookId)}${place}`;
}

function inOrder(documents: readonly { value: Delivery }[]): Delivery[] {
  return documents.map(({ value }) => value).sort((a, b) => a.id - b.id);
}
