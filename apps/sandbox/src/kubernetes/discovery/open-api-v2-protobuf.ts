import { contents, type Definition, type Operation } from './open-api-v2.js';

export const OPEN_API_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

let document: Buffer | undefined;

/**
 * The document as kubectl insists on it before it creates or applies anything: the messages of gnostic's OpenAPIv2.proto.
 * https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto
 */
export function openApiV2Protobuf(): Buffer {
  document ??= encode();
  return document;
}

function encode(): Buffer {
  const { definitions, operations } = contents();
  return message([
    text(1, '2.0'),
    field(2, message([text(1, 'Kubernetes'), text(2, 'v1.34.1')])),
    field(8, message(operations.map((operation) => field(2, path(operation))))),
    field(9, namedSchemas(definitions)),
  ]);
}

function path({ path: name, kind, parameters }: Operation): Buffer {
  const operation = message([
    text(5, `patch${kind.kind}`),
    ...parameters.map((parameter) => field(8, queryParameter(parameter))),
    extension(13, 'x-kubernetes-group-version-kind', kind),
  ]);
  return message([text(1, name), field(2, message([field(8, operation)]))]);
}

/** ParametersItem, Parameter, NonBodyParameter, QueryParameterSubSchema: one inside the other. */
function queryParameter([name, type]: [string, string]): Buffer {
  const query = message([text(2, 'query'), text(4, name), text(6, type)]);
  return message([field(1, message([field(2, message([field(3, query)]))]))]);
}

function namedSchemas(definitions: Record<string, Definition>): Buffer {
  return message(Object.entries(definitions).map(([name, definition]) => field(1, message([text(1, name), field(2, schema(definition))]))));
}

function schema({ $ref, format, required, additionalProperties, type, items, properties, extensions }: Definition): Buffer {
  return message([
    ...($ref === undefined ? [] : [text(1, $ref)]),
    ...(format === undefined ? [] : [text(2, format)]),
    ...(required ?? []).map((name) => text(19, name)),
    ...(additionalProperties ? [field(21, message([field(1, schema(additionalProperties))]))] : []),
    ...(type === undefined ? [] : [field(22, message([text(1, type)]))]),
    ...(items ? [field(23, message([field(1, schema(items))]))] : []),
    ...(properties ? [field(25, namedSchemas(properties))] : []),
    ...Object.entries(extensions).map(([name, value]) => extension(31, name, value)),
  ]);
}

/** A value of any type travels as YAML, which JSON is. */
function extension(number: number, name: string, value: unknown): Buffer {
  return field(number, message([text(1, name), field(2, message([text(2, JSON.stringify(value))]))]));
}

function message(fields: Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

const LENGTH_DELIMITED = 2;

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
