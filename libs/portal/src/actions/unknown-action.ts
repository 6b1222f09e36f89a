import { SlipwayError } from '@slipway/contracts';
import type { ActionStore } from './action-store.js';

const fewEnoughToName = 20;

/** `not_found`, naming what there is instead where that fits a sentence. */
export async function unknownAction(actions: ActionStore, identifier: string): Promise<SlipwayError> {
  const known = (await actions.list()).map((action) => action.identifier);
  const shown = identifier.slice(0, 100);
  if (known.length === 0) return new SlipwayError('not_found', `There is no action "${shown}": this installation has none yet.`);
  if (known.length > fewEnoughToName) return new SlipwayError('not_found', `There is no action "${shown}": list the actions to see which there are.`);
  return new SlipwayError('not_found', `There is no action "${shown}". There are: ${known.join(', ')}.`);
}
