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

  /** The payloads lie beside the rest, each as it is: within a document all its quotes would be escaped. */
  constructor(
    private readonly kept: Collection<Delivery>,
    private readonly payloads: Collection<string>,
  ) {}

  add(delivery: Delivery): void {
    const { hookId } = delivery;
    const place = this.#places.get(hookId) ?? this.#placeAfterTheNewest(hookId);
    this.#places.set(hookId, (place + 1) % KEPT_PER_HOOK);
    const key = keyOf(hookId, place);
    this.kept.set(key, { ...delivery, request: { ...delivery.request, payload: '' } });
    this.payloads.set(key, delivery.request.payload);
  }

  /** The oldest first. */
  of(hookId: number): Delivery[] {
    return this.#read(prefixOf(hookId));
  }

  all(): Delivery[] {
    return this.#read();
  }

  forget(hookId: number): void {
    for (const key of this.kept.keys(prefixOf(hookId))) {
      this.kept.delete(key);
      this.payloads.delete(key);
    }
  }

  #read(prefix?: string): Delivery[] {
    const read = this.kept.list(prefix).map(({ key, value }) => {
      // That of a home that an earlier version wrote is within.
      const payload = this.payloads.get(key) ?? value.request.payload;
      return { ...value, request: { ...value.request, payload } };
    });
    return read.sort((a, b) => a.id - b.id);
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
