import type { Delivery, DeliveryStore } from './delivery-store.js';

/** Deliveries stored a while ago whose processing never came to its end (a crash in between): process them again. */
export function listPendingDeliveries(deps: { deliveries: DeliveryStore }, query: { olderThanMs: number }): Promise<Delivery[]> {
  return deps.deliveries.pending(query.olderThanMs, 100);
}
