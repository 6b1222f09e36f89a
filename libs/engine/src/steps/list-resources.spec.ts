import { exerciseStep } from '../testing/exercise-step.js';
import { createStepRig } from '../testing/step-rig.js';
import { listResources } from './list-resources.js';

exerciseStep('resources:list', () => Promise.resolve({ step: listResources, kinds: [], input: {}, count: () => Promise.resolve(0) }), {
  makesNothing: 'it reads the ledger',
});

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
