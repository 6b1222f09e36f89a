import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { Principal } from '@slipway/contracts';
import type { FastifyBaseLogger } from 'fastify';

/** What every resolver is handed, whether its document came by POST or by a connection of graphql-ws. */
export interface GraphqlContext {
  principal: Principal;
  log: FastifyBaseLogger;
  traceId: string;
}

/** Injects who is asking into a resolver. */
export const GraphqlCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => contextOf(context).principal,
);

export const TraceId = createParamDecorator((_: unknown, context: ExecutionContext): string => contextOf(context).traceId);

function contextOf(context: ExecutionContext): GraphqlContext {
  return GqlExecutionContext.create(context).getContext<GraphqlContext>();
}
