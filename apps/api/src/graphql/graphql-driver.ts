import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { formatGraphqlError } from './format-error.js';
import type { GraphqlContext } from './graphql-context.js';
import { limitQuery } from './query-limits.js';
import { dateTime, jsonObject } from './scalars.js';
import { schemaText } from './schema.generated.js';

/** Mercurius without routes of its own: graphql.controller.ts and graphql-socket.ts are the doors. */
export function graphqlModule(): DynamicModule {
  return GraphQLModule.forRoot<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    typeDefs: schemaText,
    resolvers: { DateTime: dateTime, JSONObject: jsonObject },
    routes: false,
    subscription: false,
    // Compiled when a document comes for the second time.
    jit: 1,
    validationRules: [limitQuery],
    errorFormatter: (execution, context) => {
      const { log, traceId } = context as unknown as GraphqlContext;
      const errors = (execution.errors ?? []).map((error) => formatGraphqlError(error, log, traceId));
      return { statusCode: 200, response: { data: execution.data ?? null, errors: errors as never } };
    },
  });
}
