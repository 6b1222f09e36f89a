import type { ActionView, Operation, Principal } from '@slipway/contracts';
import type { ActionStore } from './action-store.js';
import { actionView } from './action-view.js';

export interface ListActionsQuery {
  principal: Principal;
  blueprint?: string;
  operation?: Operation;
}

/** In order of identifier. */
export async function listActions(deps: { actions: ActionStore }, query: ListActionsQuery): Promise<ActionView[]> {
  const actions = await deps.actions.list();
  return actions
    .filter((action) => query.blueprint === undefined || action.blueprint === query.blueprint)
    .filter((action) => query.operation === undefined || action.operation === query.operation)
    .map(actionView);
}
