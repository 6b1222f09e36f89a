import { ClusterError } from '../cluster.js';
import { apiVersionOf, qualified, type ResourceType } from './resource-types.js';

export interface Cause {
  reason: string;
  message: string;
  field?: string;
}

interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

/** A refusal with everything that goes into the body of the answer, a `Status` of the meta/v1 API. */
export class ApiError extends ClusterError {
  constructor(
    status: number,
    reason: string,
    message: string,
    readonly details?: StatusDetails,
  ) {
    super(status, reason, message);
  }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export function statusBody(error: ClusterError): Record<string, unknown> {
  const details = error instanceof ApiError ? error.details : undefined;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(details ? { details } : {}),
    code: error.status,
  };
}

export function notFound(type: ResourceType, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(type)} "${name}" not found`, detailsOf(type, name));
}

export function alreadyExists(type: ResourceType, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualified(type)} "${name}" already exists`, detailsOf(type, name));
}

export function modified(type: ResourceType, name: string): ApiError {
  const message =
    `Operation cannot be fulfilled on ${qualified(type)} "${name}": the object has been modified; ` +
    'please apply your changes to the latest version and try again';
  return new ApiError(409, 'Conflict', message, detailsOf(type, name));
}

export function preconditionFailed(type: ResourceType, name: string, what: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(type)} "${name}": Precondition failed: ${what}`;
  return new ApiError(409, 'Conflict', message, detailsOf(type, name));
}

export function namespaceTerminating(type: ResourceType, name: string, namespace: string): ApiError {
  const message =
    `${qualified(type)} "${name}" is forbidden: unable to create new content in namespace ${namespace} ` +
    'because it is being terminated';
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new ApiError(403, 'Forbidden', message, { ...detailsOf(type, name), causes: [cause] });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** The body does not decode into the type of the path; `why` in the words of Go's decoder. */
export function undecodable(type: ResourceType, why: string, sent?: { kind: string; apiVersion: string }): ApiError {
  const { kind, apiVersion } = sent ?? { kind: type.kind, apiVersion: apiVersionOf(type) };
  return badRequest(`${kind} in version "${apiVersion.split('/').at(-1)}" cannot be handled as a ${type.kind}: ${why}`);
}

/** As Go's JSON decoder names the type of a value. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null || value === undefined) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

export function noSuchPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

export function invalid(type: ResourceType, name: string, causes: Cause[]): ApiError {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const kind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  const message = `${kind} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`;
  const details = { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.kind, causes };
  return new ApiError(422, 'Invalid', message, details);
}

export function detailsOf(type: ResourceType, name: string): StatusDetails {
  return { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural };
}

export function invalidValue(field: string, value: unknown, rule: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value ?? null)}: ${rule}`, field };
}

export function required(field: string, detail?: string): Cause {
  return { reason: 'FieldValueRequired', message: `Required value${detail === undefined ? '' : `: ${detail}`}`, field };
}
