import type { Delivery, DeliveryStore } from './delivery-store.js';

/** Keeps a delivery whose signature was good, once; GitHub redelivers under the same id. */
export async function receiveWebhook(deps: { deliveries: DeliveryStore }, delivery: Delivery): Promise<'stored' | 'duplicate'> {
  return (await deps.deliveries.add(delivery)) ? 'stored' : 'duplicate';
}
