import { Clock } from '../../core/clock.js';
import { Faults } from '../../core/faults.js';
import { Store } from '../../core/store.js';
import { ObjectStore } from '../object-store.js';
import { typeOf } from '../resource-types.js';
import { expireEvents, recordEvent } from './events.js';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'a' } };

test('an event counts up while it is repeated, and goes an hour after it was last told', () => {
  const store = Store.open(':memory:');
  const api = { objects: new ObjectStore(store), clock: new Clock(), faults: new Faults() };
  const events = () => api.objects.list(typeOf('Event'), 'shop').map(({ reason, count }) => [reason, count]);
  const stop = expireEvents(api);
  try {
    recordEvent(api, POD, 'Normal', 'Pulled', 'Pulled the image');
    recordEvent(api, POD, 'Warning', 'BackOff', 'Back-off');
    api.clock.advance('PT40M');
    recordEvent(api, POD, 'Warning', 'BackOff', 'Back-off');
    expect(events()).toEqual(expect.arrayContaining([['Pulled', 1], ['BackOff', 2]]));
    api.clock.advance('PT40M');
    expect(events()).toEqual([['BackOff', 2]]);
    api.clock.advance('PT40M');
    expect(events()).toEqual([]);
  } finally {
    stop();
    api.clock.stop();
    store.close();
  }
});
