import { Store } from '../core/store.js';
import { Deliveries } from './deliveries.js';
import type { Delivery } from './model.js';

let store: Store;
let deliveries: Deliveries;

beforeEach(() => {
  store = Store.open(':memory:');
  deliveries = open();
});
afterEach(() => store.close());

test('the last hundred of each hook are kept, the oldest first', () => {
  for (let id = 1; id <= 250; id += 1) deliveries.add(delivery(id, 7));
  deliveries.add(delivery(251, 70));
  expect(idsOf(7)).toEqual(between(151, 250));
  expect(idsOf(70)).toEqual([251]);
  expect(deliveries.all().map(({ id }) => id)).toEqual(between(151, 251));
});

test('each is read with what was sent', () => {
  for (const [id, payload] of [[1, '{"a":1}'], [2, '{"b":"ü"}']] as const) {
    deliveries.add({ ...delivery(id, 7), request: { headers: { a: 'b' }, payload } });
  }
  deliveries = open();
  expect(deliveries.of(7).map(({ request }) => request)).toEqual([
    { headers: { a: 'b' }, payload: '{"a":1}' },
    { headers: { a: 'b' }, payload: '{"b":"ü"}' },
  ]);
});

test('after a restart the oldest goes first, too', () => {
  for (let id = 1; id <= 130; id += 1) deliveries.add(delivery(id, 7));
  deliveries = open();
  for (let id = 131; id <= 150; id += 1) deliveries.add(delivery(id, 7));
  expect(idsOf(7)).toEqual(between(51, 150));
});

test('what is forgotten is that of one hook', () => {
  for (const hook of [7, 70]) deliveries.add(delivery(hook, hook));
  deliveries.forget(7);
  expect([idsOf(7), idsOf(70)]).toEqual([[], [70]]);
});

function open(): Deliveries {
  return new Deliveries(store.collection('deliveries'), store.collection('payloads'));
}

function idsOf(hookId: number): number[] {
  return deliveries.of(hookId).map(({ id }) => id);
}

function between(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function delivery(id: number, hookId: number): Delivery {
  return {
    id, hookId, guid: String(id), event: 'push', action: null, repositoryId: null, deliveredAt: '2026-01-01T00:00:00Z', redelivery: false, duration: 0,
    status: 'OK', statusCode: 200, url: 'http://127.0.0.1', request: { headers: {}, payload: '{}' }, response: { headers: {}, payload: '' },
  };
}
