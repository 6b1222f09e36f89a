import type { Principal } from '@slipway/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type GraphQLSchema, parse, specifiedRules, validate, GraphQLError } from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { type Extra, makeHandler } from 'graphql-ws/use/@fastify/websocket';
import { assertSameOrigin, type Authenticator } from '../auth/authenticator.js';
import { SlipwayError } from '@slipway/contracts';
import { formatGraphqlError } from './format-error.js';
import type { GraphqlContext } from './graphql-context.js';
import { limitQuery, limits } from './query-limits.js';

type SocketExtra = Extra & { principal?: Principal };

interface SocketDeps {
  /** Asked when the first document arrives: the schema is built after the routes are. */
  schema(): GraphQLSchema;
  authenticator: Authenticator;
}

/**
 * graphql-ws on the path of the POST route. A connection says who it is once: by `authorization` in its first message,
 * or by the session cookie of its upgrade request, which then must come from our own pages.
 */
export function registerGraphqlSocket(instance: FastifyInstance, deps: () => SocketDeps): void {
  const options: ServerOptions<Record<string, unknown>, SocketExtra> = {
    async onConnect(connection) {
      try {
        connection.extra.principal = await callerOf(deps().authenticator, connection.extra.request, connection.connectionParams);
        return true;
      } catch (error) {
        if (error instanceof SlipwayError) return false;
        throw error;
      }
    },
    onSubscribe(connection, _id, payload) {
      const schema = deps().schema();
      const document = parsed(payload.query);
      if (document instanceof GraphQLError) return [document];
      const faults = validate(schema, document, [...specifiedRules, limitQuery]);
      if (faults.length > 0) return faults;
      const { operationName, variables: variableValues } = payload;
      return { schema, document, operationName, variableValues, contextValue: contextOf(connection.extra) };
    },
    onNext(connection, _id, _payload, _args, result) {
      if (!result.errors) return undefined;
      return { ...result, errors: result.errors.map((error) => format(error, connection.extra)) as unknown as GraphQLError[] };
    },
    onError(connection, _id, _payload, errors) {
      return errors.map((error) => format(error, connection.extra));
    },
  };
  void instance.register(async (scope) => {
    scope.route({
      method: 'GET',
      url: '/graphql',
      handler: async (_request, reply) => {
        void reply.header('allow', 'POST');
        throw Object.assign(new Error('Send queries and mutations by POST; subscriptions by a WebSocket on this path.'), {
          statusCode: 405,
        });
      },
      wsHandler: makeHandler(options, 15_000),
    });
  });
}

async function callerOf(
  authenticator: Authenticator,
  request: FastifyRequest,
  params: Record<string, unknown> | undefined,
): Promise<Principal> {
  const authorization = params?.['authorization'] ?? params?.['Authorization'];
  if (typeof authorization === 'string') return authenticator.bearer(authorization);
  if (request.headers.authorization === undefined) assertSameOrigin(request);
  return authenticator.principalOf(request);
}

function parsed(query: string): ReturnType<typeof parse> | GraphQLError {
  if (query.length > limits.characters) return new GraphQLError(`The query is longer than ${limits.characters} characters.`);
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function contextOf(extra: SocketExtra): GraphqlContext {
  if (!extra.principal) throw new Error('A graphql-ws connection runs a document before it was let in.');
  return { principal: extra.principal, log: extra.request.log, traceId: extra.request.id };
}

function format(error: unknown, extra: SocketExtra): ReturnType<typeof formatGraphqlError> {
  return formatGraphqlError(error, extra.request.log, extra.request.id);
}
