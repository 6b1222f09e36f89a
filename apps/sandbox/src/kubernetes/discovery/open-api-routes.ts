import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api-error.js';
import { RESOURCE_TYPES, type ResourceType } from '../resource-types.js';
import { SCHEMAS, schemaOf, type Schema } from '../schemas/schema.js';
import { gvk, objectPath, pathOf, schemaName } from './schema-names.js';
import { openApiV2 } from './open-api-v2.js';
import { OPEN_API_PROTOBUF, openApiV2Protobuf } from './open-api-v2-protobuf.js';

/** The OpenAPI documents: what each kind looks like, and that it can be patched, with which query parameters. */
export function openApiRoutes(app: FastifyInstance): void {
  const versions = [...Map.groupBy(RESOURCE_TYPES, pathOf)].map(([path, types]) => {
    const text = JSON.stringify(documentOf(types));
    return { path, text, hash: createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase() };
  });
  const paths = Object.fromEntries(versions.map(({ path, hash }) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]));
  app.get('/openapi/v3', () => ({ paths }));
  for (const { path, text, hash } of versions) {
    app.get(`/openapi/v3/${path}`, (request, reply) => {
      void reply.headers({ etag: `"${hash}"`, vary: 'Accept' });
      const accept = request.headers.accept ?? '';
      // This one has no form for protobuf here: clients ask for JSON beside it, but for the oldest.
      if (accept !== '' && !/application\/json|\*\/\*/.test(accept)) throw notAcceptable('application/json');
      return reply.type('application/json').send(text);
    });
  }
  app.get('/openapi/v2', (request, reply) => {
    const accept = request.headers.accept ?? '';
    if (accept.includes('proto-openapi.spec.v2')) return reply.type(OPEN_API_PROTOBUF).send(openApiV2Protobuf());
    return reply.send(openApiV2());
  });
}

function notAcceptable(served: string): ApiError {
  const message = `only the following media types are accepted: ${served}`;
  return new ApiError(406, 'NotAcceptable', message, {});
}

function documentOf(types: ResourceType[]): Record<string, unknown> {
  const schemas: Record<string, Schema> = {};
  for (const type of types) {
    const schema = schemaOf(type);
    if (schema) schemas[schemaName(type)] = { ...schema, 'x-kubernetes-group-version-kind': [gvk(type)] };
  }
  for (const schema of Object.values(schemas)) takeReferred(schema, schemas);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.34.1' },
    paths: Object.fromEntries(types.map((type) => [objectPath(type), { patch: patchOperation(type) }])),
    components: { schemas },
  };
}

function takeReferred(schema: Schema, into: Record<string, Schema>): void {
  for (const [, name = ''] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/([\w.-]+)/g)) {
    const referred = SCHEMAS[name];
    if (into[name] || !referred) continue;
    into[name] = referred;
    takeReferred(referred, into);
  }
}

function patchOperation(type: ResourceType): Record<string, unknown> {
  const parameter = (name: string, schema: string) => ({ name, in: 'query', schema: { type: schema, uniqueItems: true } });
  return {
    operationId: `patch${type.kind}`,
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': gvk(type),
    parameters: [
      parameter('dryRun', 'string'),
      parameter('fieldManager', 'string'),
      parameter('fieldValidation', 'string'),
      parameter('force', 'boolean'),
    ],
    responses: { 200: { description: 'OK' } },
  };
}
