import { z } from 'zod';
import { type DescribedRoute, describedRoutes } from './routes.js';

/** OpenAPI 3.1, whose schemas are JSON Schema 2020-12: the very contracts that the doors parse with and answer in. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of describedRoutes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Slipway', version: '1', description: 'The self-service backend of an internal developer portal.' },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: 'slipway_session' },
      },
      schemas: { Error: jsonSchema(ErrorAnswer, 'output') },
    },
  };
}

const ErrorAnswer = z.object({
  ok: z.literal(false),
  error: z.string(),
  message: z.string(),
  details: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  traceId: z.string().optional(),
});

function operation(route: DescribedRoute): object {
  const security = route.open ? [] : [{ bearer: [] }, { session: [] }];
  const parameters = [...pathParameters(route.path), ...queryParameters(route.query)];
  const refused = [...(route.open ? [] : [401]), ...(route.errors ?? [])];
  return {
    summary: route.summary,
    security,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? { requestBody: { required: !route.body.safeParse({}).success, content: content('application/json', jsonSchema(route.body, 'input')) } }
      : {}),
    responses: {
      [route.status ?? 200]: {
        description: 'As asked',
        ...(route.answer ? { content: content(route.mediaType ?? 'application/json', jsonSchema(route.answer, 'output')) } : {}),
      },
      ...Object.fromEntries(refused.map((status) => [status, refusal])),
    },
  };
}

const refusal = {
  description: 'Refused; `error` is the code',
  content: content('application/json', { $ref: '#/components/schemas/Error' }),
};

function content(mediaType: string, schema: object): object {
  return { [mediaType]: { schema } };
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

/** Query strings are text whatever they mean; each key may be left out. */
function queryParameters(query: z.ZodObject | undefined): object[] {
  return Object.keys(query?.shape ?? {}).map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  // 3.1 says once, at its top, which dialect all schemas are in; by default it is the one that zod writes.
  if ($schema !== 'https://json-schema.org/draft/2020-12/schema') throw new Error(`OpenAPI 3.1 holds no schemas of ${$schema}.`);
  return rest;
}
