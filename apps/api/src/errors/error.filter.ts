import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from './describe-error.js';

/** The one place where errors become answers of the REST door. GraphQL formats its own (graphql/format-error.ts). */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): unknown {
    if (host.getType<'http' | 'graphql'>() === 'graphql') throw exception;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    return sendError(request, reply, exception);
  }
}

/** For the doors and for Fastify itself, whose parsers and router refuse before Nest sees the request. */
export function sendError(request: FastifyRequest, reply: FastifyReply, exception: unknown): unknown {
  const described = describeError(exception);
  if (described.defect) request.log.error({ err: exception }, 'unexpected error');
  // An answer that has begun (a stream) cannot become another one; its reader sees it end.
  if (reply.raw.headersSent) return reply.raw.destroy();
  if (described.status === 503) void reply.header('retry-after', '5');
  return reply.status(described.status).send({
    ok: false,
    error: described.error,
    message: described.message,
    ...(described.details ? { details: described.details } : {}),
    ...(described.defect ? { traceId: request.id } : {}),
  });
}
