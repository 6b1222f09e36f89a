import type { ActionView, EntityView, Operation, RunEvent, RunView } from '@slipway/contracts';
import type { Page } from '@slipway/portal';
import type * as Gql from './schema.generated.js';

/**
 * From the contracts' views to the types generated from the SDL. Both sides are types, so a field or a status that
 * one side gains or loses does not compile here.
 */
export function toRun(run: RunView): RunNode {
  return { ...run, operation: operations[run.operation] };
}

/** Its output is worked out when it is asked for: RunsResolver. */
export type RunNode = Omit<Gql.Run, 'output'>;

export function toEntity(entity: EntityView): Gql.Entity {
  return entity;
}

export function toAction(action: ActionView): Gql.Action {
  return { ...action, operation: operations[action.operation] };
}

/** A GraphQL name holds no dash. */
const operations: Readonly<Record<Operation, Gql.Operation>> = { CREATE: 'CREATE', 'DAY-2': 'DAY_2', DELETE: 'DELETE' };

export type RunEventNode =
  | ({ __typename: 'LogEvent' } & Gql.LogEvent)
  | ({ __typename: 'StepEvent' } & Gql.StepEvent)
  | ({ __typename: 'RunStatusEvent' } & Gql.RunStatusEvent)
  | ({ __typename: 'ResourceEvent' } & Gql.ResourceEvent);

export function toRunEvent(event: RunEvent): RunEventNode {
  switch (event.type) {
    case 'log':
      return { __typename: 'LogEvent', ...event };
    case 'step':
      return { __typename: 'StepEvent', ...event };
    case 'run':
      return { __typename: 'RunStatusEvent', ...event };
    case 'resource':
      return { __typename: 'ResourceEvent', ...event };
  }
}

/** The shape lists have over GraphQL. */
export function toConnection<T, U>(page: Page<T>, toNode: (item: T) => U): { nodes: U[]; pageInfo: Gql.PageInfo } {
  return { nodes: page.items.map(toNode), pageInfo: { hasNextPage: page.next !== null, endCursor: page.next } };
}
