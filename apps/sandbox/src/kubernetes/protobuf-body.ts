import type { KubernetesObject } from '../cluster.js';
import { badRequest } from './api-error.js';
import { PROTOBUF_MESSAGES } from './schemas/protobuf.generated.js';
import { fieldSchema, resolved, SCHEMAS, type Schema } from './schemas/schema.js';
import type { Json, JsonObject } from './json.js';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** By number: the field's name, its type, and whether there are many. */
type Message = Record<number, [string, string, '' | 'repeated' | 'map']>;

let messages: Record<string, Message> | undefined;

const MAGIC = 'k8s\0';
const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';

/** What kubectl since 1.33 sends of built-in types: an envelope that names the kind, and in it the object. @throws ApiError 400 */
export function readProtobuf(body: Buffer): KubernetesObject {
  messages ??= JSON.parse(PROTOBUF_MESSAGES) as Record<string, Message>;
  if (body.subarray(0, 4).toString('latin1') !== MAGIC) throw badRequest('provided data does not appear to be a protobuf message');
  const envelope = new Map(fields(body.subarray(4)));
  const { apiVersion = '', kind = '' } = read(bytesOf(envelope.get(1)), `k8s.io.apimachinery.pkg.runtime.TypeMeta`) as Record<string, string>;
  const name = messageName(apiVersion, kind);
  if (name === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" in scheme`);
  return { apiVersion, kind, ...read(bytesOf(envelope.get(2)), name) } as KubernetesObject;
}

function messageName(apiVersion: string, kind: string): string | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const folder = group?.split('.')[0];
  const candidates = [`k8s.io.api.${folder}.${version}.${kind}`, `${META}.${kind}`];
  return candidates.find((candidate) => messages?.[candidate] !== undefined);
}

/** What has no schema, since JSON writes it otherwise than protobuf. */
const SPECIAL: Record<string, (bytes: Buffer) => Json | undefined> = {
  [`${META}.Time`]: readTime,
  [`${META}.MicroTime`]: readTime,
  [`${META}.Duration`]: (bytes) => `${Number(new Map(fields(bytes)).get(1) ?? 0) / 1e9}s`,
  [`${META}.FieldsV1`]: (bytes) => JSON.parse(bytesOf(new Map(fields(bytes)).get(1)).toString() || '{}') as Json,
  'k8s.io.apimachinery.pkg.runtime.RawExtension': (bytes) => JSON.parse(bytesOf(new Map(fields(bytes)).get(1)).toString() || 'null') as Json,
  'k8s.io.apimachinery.pkg.api.resource.Quantity': (bytes) => bytesOf(new Map(fields(bytes)).get(1)).toString(),
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': readIntOrString,
};

function read(bytes: Buffer, name: string): JsonObject {
  const message = messages?.[name] ?? {};
  const schema = SCHEMAS[name.replace(/^k8s\.io/, 'io.k8s')];
  const result: JsonObject = {};
  for (const [number, raw] of fields(bytes)) {
    const [field, type, many] = message[number] ?? [];
    if (field === undefined || type === undefined) continue;
    if (many === 'map') readEntry(bytesOf(raw), type, result, field);
    else if (many === 'repeated') readElements(raw, type, result, field);
    else put(result, field, readValue(raw, type), schema);
  }
  return result;
}

/** A Go struct that is embedded has a field of its own in protobuf and none in JSON. */
function put(result: JsonObject, field: string, value: Json | undefined, schema: Schema | undefined): void {
  if (value === undefined) return;
  const embedded = schema?.properties !== undefined && schema.properties[field] === undefined && typeof value === 'object';
  if (embedded && value !== null) Object.assign(result, value);
  // What Go leaves out of JSON when it is empty, protobuf still carries.
  else if (value !== '' || resolved(fieldSchema(schema, field))?.default === '') result[field] = value;
}

function readElements(raw: Raw, type: string, result: JsonObject, field: string): void {
  const list = (result[field] ??= []) as Json[];
  list.push(readValue(raw, type) ?? null);
}

function readEntry(bytes: Buffer, type: string, result: JsonObject, field: string): void {
  const entry = new Map(fields(bytes));
  const map = (result[field] ??= {}) as JsonObject;
  const value = entry.get(2);
  const empty = type === 'string' || type === 'bytes' ? '' : {};
  map[bytesOf(entry.get(1)).toString()] = value === undefined ? empty : (readValue(value, type) ?? empty);
}

function readValue(raw: Raw, type: string): Json | undefined {
  switch (type) {
    case 'string':
      return bytesOf(raw).toString();
    case 'bytes':
      return bytesOf(raw).toString('base64');
    case 'bool':
      return Number(raw) !== 0;
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return Number(BigInt.asIntN(64, BigInt(raw as bigint)));
    default:
      return SPECIAL[type] ? SPECIAL[type](bytesOf(raw)) : unwrapped(read(bytesOf(raw), type), type);
  }
}

/** Named list types, such as the values of `extra`, are messages with nothing but items. */
function unwrapped(value: JsonObject, type: string): Json {
  const names = Object.values(messages?.[type] ?? {}).map(([name]) => name);
  return names.length === 1 && names[0] === 'items' ? (value['items'] ?? []) : value;
}

function readTime(bytes: Buffer): Json | undefined {
  const time = new Map(fields(bytes));
  const seconds = Number(time.get(1) ?? 0);
  return seconds === 0 ? undefined : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

function readIntOrString(bytes: Buffer): Json {
  const value = new Map(fields(bytes));
  if (Number(value.get(1) ?? 0) === 1) return bytesOf(value.get(3)).toString();
  return Number(BigInt.asIntN(32, BigInt((value.get(2) ?? 0n) as bigint)));
}

type Raw = bigint | Buffer;

/** Number and content of each field, as the wire has them. @throws ApiError 400 */
function* fields(bytes: Buffer): Generator<[number, Raw]> {
  let at = 0;
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        yield [number, varint()];
        break;
      case 1:
        yield [number, bytes.subarray(at, (at += 8))];
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > bytes.length) throw badRequest('unexpected EOF');
        yield [number, bytes.subarray(at, (at += length))];
        break;
      }
      case 5:
        yield [number, bytes.subarray(at, (at += 4))];
        break;
      default:
        throw badRequest('proto: illegal wireType');
    }
  }

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw badRequest('unexpected EOF');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
}

function bytesOf(raw: Raw | undefined): Buffer {
  return Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
}
