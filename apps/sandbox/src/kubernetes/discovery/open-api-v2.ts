import { RESOURCE_TYPES } from '../resource-types.js';
import { SCHEMAS, schemaOf, type Schema } from '../schemas/schema.js';
import { gvk, objectPath, schemaName } from './schema-names.js';

/** A schema in the words of Swagger 2.0. */
export interface Definition {
  $ref?: string;
  type?: string;
  format?: string;
  properties?: Record<string, Definition>;
  additionalProperties?: Definition;
  items?: Definition;
  required?: string[];
  extensions: Record<string, unknown>;
}

export interface Operation {
  path: string;
  kind: { group: string; version: string; kind: string };
  /** Names and types of the query parameters of its PATCH. */
  parameters: [string, string][];
}

const PARAMETERS: [string, string][] = [
  ['dryRun', 'string'],
  ['fieldManager', 'string'],
  ['fieldValidation', 'string'],
  ['force', 'boolean'],
];

/** All kinds in one document, which is what clients before 1.27 read. */
export function openApiV2(): object {
  const { definitions, operations } = contents();
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.34.1' },
    paths: Object.fromEntries(
      operations.map(({ path, kind, parameters }) => [
        path,
        {
          patch: {
            operationId: `patch${kind.kind}`,
            'x-kubernetes-action': 'patch',
            'x-kubernetes-group-version-kind': kind,
            parameters: parameters.map(([name, type]) => ({ in: 'query', name, type, uniqueItems: true })),
            responses: { 200: { description: 'OK' } },
          },
        },
      ]),
    ),
    definitions: Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, asJson(definition)])),
  };
}

export function contents(): { definitions: Record<string, Definition>; operations: Operation[] } {
  const definitions: Record<string, Definition> = {};
  for (const [name, schema] of Object.entries(SCHEMAS)) definitions[name] = define(schema);
  for (const type of RESOURCE_TYPES.filter(({ custom }) => custom)) {
    const schema = schemaOf(type);
    if (schema) definitions[schemaName(type)] = define({ ...schema, 'x-kubernetes-group-version-kind': [gvk(type)] });
  }
  const operations = RESOURCE_TYPES.map((type) => ({ path: objectPath(type), kind: gvk(type), parameters: PARAMETERS }));
  return { definitions, operations };
}

function define(schema: Schema): Definition {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  const extensions = Object.fromEntries(Object.entries(schema).filter(([name]) => name.startsWith('x-kubernetes-')));
  if (reference !== undefined) return { $ref: reference.replace('#/components/schemas/', '#/definitions/'), extensions };
  // Swagger has no oneOf: what is a number or a text is called a text, with a format that says so.
  if (schema.oneOf) return { type: 'string', ...(schema.format === undefined ? {} : { format: schema.format }), extensions };
  const { type, format, required, properties, additionalProperties, items } = schema;
  return {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(required === undefined ? {} : { required }),
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, define(each)])) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: define(additionalProperties) } : {}),
    ...(items ? { items: define(items) } : {}),
    extensions,
  };
}

function asJson({ extensions, properties, additionalProperties, items, ...rest }: Definition): object {
  return {
    ...rest,
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, asJson(each)])) } : {}),
    ...(additionalProperties ? { additionalProperties: asJson(additionalProperties) } : {}),
    ...(items ? { items: asJson(items) } : {}),
    ...extensions,
  };
}
