import type { FastifyInstance } from 'fastify';
import { apiVersionOf, RESOURCE_TYPES, type ResourceType } from './resource-types.js';

/**
 * As much of the OpenAPI documents as kubectl needs before it applies: that each resource can be patched, and with which query
 * parameters. The schemas are left open, so clients validate nothing; the server does.
 */
export function openApiRoutes(app: FastifyInstance): void {
  const versions = Map.groupBy(RESOURCE_TYPES, pathOf);
  const paths = Object.fromEntries(
    [...versions.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=1` }]),
  );
  app.get('/openapi/v3', () => ({ paths }));
  for (const [path, types] of versions) {
    app.get(`/openapi/v3/${path}`, () => document(types));
  }
}

function document(types: ResourceType[]): Record<string, unknown> {
  const schemas = Object.fromEntries(
    types.map((type) => [schemaName(type), { type: 'object', 'x-kubernetes-group-version-kind': [gvk(type)] }]),
  );
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.32.0' },
    paths: Object.fromEntries(types.map((type) => [objectPath(type), { patch: patchOperation(type) }])),
    components: { schemas },
  };
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

function pathOf(type: ResourceType): string {
  return type.group === '' ? `api/${type.version}` : `apis/${apiVersionOf(type)}`;
}

function objectPath(type: ResourceType): string {
  return `/${pathOf(type)}/${type.namespaced ? 'namespaces/{namespace}/' : ''}${type.plural}/{name}`;
}

function gvk({ group, version, kind }: ResourceType): Record<string, string> {
  return { group, version, kind };
}

function schemaName({ group, version, kind }: ResourceType): string {
  return `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? group)}.${version}.${kind}`;
}
