import { createStepRig } from '../testing/step-rig.js';
import { listResources } from './list-resources.js';

it('names what stands, by kind and in the order in which it was made, and nothing that is gone', async () => {
  const rig = createStepRig({ kinds: [{ kind: 'thing', observe: () => Promise.resolve({ exists: false }), remove: () => Promise.resolve({ outcome: 'removed' }) }] });
  for (const externalId of ['one', 'two', 'three']) {
    await rig.ledger.plan({ kind: 'thing', externalId, title: externalId });
    await rig.ledger.created({ kind: 'thing', externalId });
  }
  const [, second] = await rig.ledger.standing();
  if (second) await rig.ledger.remove(second);
  expect(await rig.run(listResources, {})).toEqual({ ids: { thing: ['one', 'three'] } });
});
