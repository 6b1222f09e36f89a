import { SlipwayError } from '@slipway/contracts';
import { isStorable } from '../storable.js';
import type { ActionStore, RequestableAction } from './action-store.js';

const fewEnoughToName = 20;

/** The action; `not_found` names what there is instead, where that fits a sentence. */
export async function knownAction(actions: ActionStore, identifier: string): Promise<RequestableAction> {
  const action = isStorable(identifier) ? await actions.find(identifier) : null;
  if (action) return action;
  const known = (await actions.list()).map((other) => other.identifier);
  throw new SlipwayError('not_found', `There is no action "${identifier.slice(0, 100)}"${alternatives(known)}`);
}

function alternatives(known: string[]): string {
  if (known.length === 0) return ': this installation has none yet.';
  if (known.length > fewEnoughToName) return ': list the actions to see which there are.';
  return `. There are: ${known.join(', ')}.`;
}
