import type { KubernetesObject } from '../cluster.js';
import { ApiError, badRequest, undecodable } from './api-error.js';
import type { JsonObject } from './json.js';
import { apiVersionOf, type ResourceType } from './resource-types.js';
import { decode, DecodingError } from './schemas/decode.js';
import { schemaOf } from './schemas/schema.js';

/** What a request wants done about fields that the type does not have. They are never stored. */
export interface FieldValidation {
  directive: 'Strict' | 'Warn' | 'Ignore';
  /** Adds a warning to the answer. */
  warn(message: string): void;
}

/** An object as it was sent to be created or replaced. @throws ApiError 400 */
export function readObject(type: ResourceType, sent: KubernetesObject, validation: FieldValidation | undefined): KubernetesObject {
  const { value, unknown } = decoded(type, sent, (why) => undecodable(type, why, sent));
  const errors = unknown.map((path) => `unknown field "${path}"`);
  if (errors.length > 0 && validation?.directive === 'Strict') throw undecodable(type, strictError(errors), sent);
  warn(errors, validation);
  return value;
}

/** What a patch made of an object. @throws ApiError 422 with the whole of it, as the API server answers. */
export function readPatched(type: ResourceType, patched: KubernetesObject, validation: FieldValidation | undefined): KubernetesObject {
  const refusal = (why: string) => {
    const cause = { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: ${why}`, field: 'patch' };
    return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${cause.message}`, { causes: [cause] });
  };
  const { value, unknown } = decoded(type, patched, refusal);
  const errors = unknown.map((path) => `unknown field "${path}"`);
  if (errors.length > 0 && validation?.directive === 'Strict') throw refusal(strictError(errors));
  warn(errors, validation);
  return value;
}

/** The body of a server-side apply, which may name no field that the schema lacks, whatever the directive. @throws ApiError 500 */
export function readApplied(type: ResourceType, config: KubernetesObject, namespace: string | undefined): KubernetesObject {
  const version = `${type.group}/${type.version}`;
  if (config.apiVersion !== undefined && config.apiVersion !== apiVersionOf(type)) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${config.apiVersion}, expected: ${apiVersionOf(type)}`,
    );
  }
  const place = `${namespace === undefined ? '' : namespace}/${config.metadata.name}; ${version}, Kind=${type.kind}`;
  const refusal = (why: string) => new ApiError(500, '', `failed to create typed patch object (${place}): ${why}`);
  const { value, unknown } = decoded(type, config, refusal);
  const errors = unknown.map((path) => `.${path}: field not declared in schema`);
  if (errors.length === 1) throw refusal(errors[0] ?? '');
  if (errors.length > 1) throw refusal(`errors:\n${errors.map((error) => `  ${error}`).join('\n')}`);
  return value;
}

function decoded(type: ResourceType, object: KubernetesObject, refusal: (why: string) => ApiError) {
  try {
    const { value, unknown } = decode(object as unknown as JsonObject, schemaOf(type));
    return { value: value as unknown as KubernetesObject, unknown };
  } catch (error) {
    if (error instanceof DecodingError) throw refusal(error.message);
    throw error;
  }
}

function strictError(errors: string[]): string {
  return `strict decoding error: ${errors.join(', ')}`;
}

function warn(errors: string[], validation: FieldValidation | undefined): void {
  if (validation?.directive === 'Warn') for (const error of errors) validation.warn(error);
}
