import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Principal } from '@slipway/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { formatGraphqlError } from './format-error.js';
import type { GraphqlContext } from './graphql-context.js';
import { limits } from './query-limits.js';

export const GraphqlBody = z.object({
  query: z.string().min(1).max(limits.characters, `must be at most ${limits.characters} characters long`),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Mercurius executes; the route is ours, so that the guard, the body's parser and the error filter in front of it are
 * the same as for every other route.
 */
@Controller('graphql')
export class GraphqlController {
  @Post()
  @HttpCode(200)
  async execute(
    @Body() body: unknown,
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { query, operationName, variables } = parseInput(GraphqlBody, body, 'bad_request');
    const context: GraphqlContext = { principal, log: request.log, traceId: request.id };
    try {
      return await request.server.graphql(query, { ...context }, variables ?? {}, operationName ?? undefined);
    } catch (error) {
      const faults = faultsOf(error);
      if (!faults) throw error;
      reply.status(400);
      return { data: null, errors: faults.map((fault) => formatGraphqlError(fault, request.log, request.id)) };
    }
  }
}

/** Mercurius throws what is wrong with a document (syntax, validation, limits) as one error that holds them all. */
function faultsOf(error: unknown): unknown[] | null {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? (error.errors as unknown[]) : null;
}
