import { required, type Cause } from '../api-error.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { resolved, type Schema } from './schema.js';

/** What the schema of a CustomResourceDefinition finds wrong with an object, in the words of the API server. */
export function customCauses(object: JsonObject, schema: Schema): Cause[] {
  const causes: Cause[] = [];
  for (const [name, value] of Object.entries(object)) {
    const field = schema.properties?.[name];
    if (field && !['apiVersion', 'kind', 'metadata'].includes(name)) check(value, field, name, causes);
  }
  for (const name of schema.required ?? []) if (object[name] === undefined) causes.push(required(name));
  return causes;
}

/** The object with the defaults of its definition, inside what is there. */
export function customDefaults(value: Json, given: Schema | undefined): Json {
  const schema = resolved(given);
  if (!schema) return value;
  if (Array.isArray(value)) return value.map((element) => customDefaults(element, schema.items));
  if (!isObject(value)) return value;
  const result = { ...value };
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (name === 'metadata') continue;
    if (result[name] === undefined && field.default !== undefined) result[name] = field.default;
    if (result[name] !== undefined) result[name] = customDefaults(result[name], field);
  }
  if (typeof schema.additionalProperties === 'object') {
    for (const [name, element] of Object.entries(result)) result[name] = customDefaults(element, schema.additionalProperties);
  }
  return result;
}

function check(value: Json, schema: Schema, path: string, causes: Cause[]): void {
  if (value === null && schema.nullable) return;
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof value !== 'string' && !Number.isInteger(value)) causes.push(wrongType(path, value, 'integer,string'));
    return;
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) {
    causes.push(wrongType(path, value, schema.type));
    return;
  }
  if (schema.enum && !schema.enum.includes(value)) causes.push(unsupported(path, value, schema.enum));
  if (typeof value === 'string') checkText(value, schema, path, causes);
  if (typeof value === 'number') checkNumber(value, schema, path, causes);
  if (Array.isArray(value)) checkList(value, schema, path, causes);
  if (isObject(value)) checkMap(value, schema, path, causes);
}

function checkText(value: string, { pattern, minLength, maxLength }: Schema, path: string, causes: Cause[]): void {
  if (minLength !== undefined && value.length < minLength) causes.push(inBody(path, value, `should be at least ${minLength} chars long`));
  if (maxLength !== undefined && value.length > maxLength) {
    causes.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxLength} bytes`, field: path });
  }
  if (pattern !== undefined && !matches(pattern, value)) causes.push(inBody(path, value, `should match '${pattern}'`));
}

function checkNumber(value: number, { minimum, maximum }: Schema, path: string, causes: Cause[]): void {
  if (minimum !== undefined && value < minimum) causes.push(inBody(path, value, `should be greater than or equal to ${minimum}`));
  if (maximum !== undefined && value > maximum) causes.push(inBody(path, value, `should be less than or equal to ${maximum}`));
}

function checkList(value: Json[], { items, minItems, maxItems }: Schema, path: string, causes: Cause[]): void {
  if (minItems !== undefined && value.length < minItems) causes.push(inBody(path, value.length, `should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) {
    causes.push({ reason: 'FieldValueTooMany', message: `Too many: ${value.length}: must have at most ${maxItems} items`, field: path });
  }
  if (items) value.forEach((element, index) => check(element, items, `${path}[${index}]`, causes));
}

function checkMap(value: JsonObject, schema: Schema, path: string, causes: Cause[]): void {
  const size = Object.keys(value).length;
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    causes.push(inBody(path, size, `should have at least ${schema.minProperties} properties`));
  }
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    causes.push({ reason: 'FieldValueTooMany', message: `Too many: ${size}: must have at most ${schema.maxProperties} items`, field: path });
  }
  for (const name of schema.required ?? []) if (value[name] === undefined) causes.push(required(`${path}.${name}`));
  for (const [name, element] of Object.entries(value)) {
    const field = schema.properties?.[name] ?? schema.additionalProperties;
    if (typeof field === 'object') check(element, field, `${path}.${name}`, causes);
  }
}

/** Go's syntax is JavaScript's for what definitions write; what is not is not held against the value. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true;
  }
}

function hasType(value: Json, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return jsonType(value) === type;
}

function jsonType(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function wrongType(path: string, value: Json, wanted: string): Cause {
  const found = Number.isInteger(value) ? 'integer' : jsonType(value);
  const message = `Invalid value: "${found}": ${path} in body must be of type ${wanted}: "${found}"`;
  return { reason: 'FieldValueTypeInvalid', message, field: path };
}

function unsupported(path: string, value: Json, supported: Json[]): Cause {
  const values = supported.map((each) => JSON.stringify(each)).join(', ');
  return { reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${values}`, field: path };
}

function inBody(path: string, value: Json, rule: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${path} in body ${rule}`, field: path };
}
