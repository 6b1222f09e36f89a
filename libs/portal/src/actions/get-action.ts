import type { ActionView, Principal } from '@slipway/contracts';
import type { ActionStore } from './action-store.js';
import { actionView } from './action-view.js';
import { knownAction } from './known-action.js';

/** `not_found` when there is none. */
export async function getAction(
  deps: { actions: ActionStore },
  query: { principal: Principal; identifier: string },
): Promise<ActionView> {
  return actionView(await knownAction(deps.actions, query.identifier));
}
