import type { NewSignal } from '../engine/new-signal.js';

/** Webhooks as received. Stored before anything is done about them, so that none is lost between answer and effect. */
export interface DeliveryStore {
  /** False: a delivery of this id is there already. */
  add(delivery: Delivery): Promise<boolean>;
  /** All or none. With each, and once, its signal is sent; answers the runs that were waiting for one. */
  finish(ended: readonly EndedDelivery[]): Promise<string[]>;
  /** Stored at least `olderThanMs` ago and still without an outcome, oldest first. */
  pending(olderThanMs: number, limit: number): Promise<Delivery[]>;
  /** For each an earlier delivery of the same bytes; null: it is the first. */
  originalsOf(ids: readonly DeliveryId[]): Promise<(string | null)[]>;
}

export interface DeliveryId {
  provider: string;
  deliveryId: string;
}

export interface EndedDelivery extends DeliveryId {
  outcome: string;
  signal: NewSignal | null;
}

export interface Delivery extends DeliveryId {
  /** As the provider names it in its header, e.g. `push`. */
  event: string;
  /** The exact bytes that were signed. */
  body: Buffer;
}
