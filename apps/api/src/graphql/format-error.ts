import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { FastifyBaseLogger } from 'fastify';
import { describeError } from '../errors/describe-error.js';

/** An error of a resolver in the words of the one table; a fault in the document itself is BAD_REQUEST. */
export function formatGraphqlError(error: unknown, log: FastifyBaseLogger, traceId: string): GraphQLFormattedError {
  const { cause, locations, path } = readError(error);
  if (cause === undefined) {
    const message = withoutValues(error instanceof Error ? error.message : String(error));
    return { message, ...(locations ? { locations } : {}), ...(path ? { path } : {}), extensions: { code: 'BAD_REQUEST' } };
  }
  const described = describeError(cause);
  if (described.defect) log.error({ err: cause }, 'unexpected error in a resolver');
  return {
    message: described.message,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: {
      code: described.graphql,
      ...(described.details ? { details: described.details } : {}),
      ...(described.defect ? { traceId } : {}),
    },
  };
}

/** What GraphQL says of a document or its variables quotes them, and a secret may be among what it quotes. */
function withoutValues(message: string): string {
  return message
    .replace(/ got invalid value .*; /s, ' got an invalid value: ')
    .replace(/( value: ).+/s, '$1…')
    .replace(/( found (?:Block)?String) ".*"/s, '$1');
}

/** GraphQL wraps what a resolver threw; what it says about the document itself wraps nothing. */
function readError(error: unknown): { cause: unknown; locations?: GraphQLError['locations']; path?: GraphQLError['path'] } {
  if (!(error instanceof GraphQLError)) return { cause: error };
  return { cause: error.originalError ?? undefined, locations: error.locations, path: error.path };
}
