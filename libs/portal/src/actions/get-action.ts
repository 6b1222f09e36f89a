import type { ActionView, Principal } from '@slipway/contracts';
import type { ActionStore } from './action-store.js';
import { actionView } from './action-view.js';
import { unknownAction } from './unknown-action.js';

/** `not_found` when there is none. */
export async function getAction(deps: { actions: ActionStore }, query: { principal: Principal; identifier: string }): Promise<ActionView> {
  const action = await deps.actions.find(query.identifier);
  if (!action) throw await unknownAction(deps.actions, query.identifier);
  return actionView(action);
}
