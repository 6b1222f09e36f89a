import type { FastifyRequest } from 'fastify';
import type { KubernetesObject } from '../cluster.js';
import { ApiError, badRequest } from './api-error.js';
import { isObject } from './json.js';

/** @throws ApiError 415 or 400 */
export function bodyOf(request: FastifyRequest): KubernetesObject {
  if (Buffer.isBuffer(request.body)) {
    const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    throw new ApiError(415, 'UnsupportedMediaType', message, {});
  }
  if (!isObject(request.body)) throw badRequest('the object provided is unrecognized (must be of type JSON)');
  return request.body as unknown as KubernetesObject;
}
