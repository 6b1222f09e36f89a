import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '@slipway/contracts';
import type { FastifyRequest } from 'fastify';

const callers = new WeakMap<FastifyRequest, Principal>();

/** Notes whom the guard has let in. */
export function rememberCaller(request: FastifyRequest, principal: Principal): void {
  callers.set(request, principal);
}

function callerOf(request: FastifyRequest): Principal {
  const principal = callers.get(request);
  // A public route that asks who is calling is a defect, and must not be answered as if it were somebody.
  if (!principal) throw new Error(`${request.method} ${request.routeOptions.url} asks for its caller, but lets anyone in.`);
  return principal;
}

/** Injects who is asking into a handler of a route that is not public. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal =>
  callerOf(context.switchToHttp().getRequest()),
);
