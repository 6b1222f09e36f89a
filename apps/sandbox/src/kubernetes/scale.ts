import type { FastifyRequest } from 'fastify';
import type { KubernetesObject } from '../cluster.js';
import { badRequest, invalid, invalidValue, notFound } from './api-error.js';
import { at, isObject, numberAt, textMapAt, type Json, type JsonObject } from './json.js';
import { jsonPatch } from './json-patch.js';
import { mergePatch } from './merge-patch.js';
import type { ResourceType } from './resource-types.js';
import { keepServerFields, writeObject, type Api, type WriteOptions } from './write-object.js';

/** autoscaling/v1 Scale: how many replicas a workload wants and has. @throws ApiError 404 */
export function readScale(api: Api, type: ResourceType, namespace: string, name: string): JsonObject {
  return scaleOf(workload(api, type, namespace, name));
}

/** @throws ApiError */
export function replaceScale(
  api: Api,
  type: ResourceType,
  namespace: string,
  name: string,
  sent: KubernetesObject,
  options: WriteOptions,
): JsonObject {
  const before = workload(api, type, namespace, name);
  const replicas = numberAt(sent, 'spec', 'replicas') ?? 0;
  if (replicas < 0) {
    throw invalid(type, name, [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')]);
  }
  const spec = { ...(isObject(before['spec']) ? before['spec'] : {}), replicas };
  const resourceVersion = at(sent, 'metadata', 'resourceVersion');
  const metadata = { ...before.metadata, ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}) };
  const after = keepServerFields(type, before, { ...before, metadata, spec });
  return scaleOf(writeObject(api, type, before, after, { ...options, subresource: 'scale' }));
}

/** @throws ApiError */
export function patchScale(
  api: Api,
  type: ResourceType,
  namespace: string,
  name: string,
  request: FastifyRequest,
  options: WriteOptions,
): JsonObject {
  const before = readScale(api, type, namespace, name);
  const body = request.body as Json;
  const isJsonPatch = request.headers['content-type']?.includes('json-patch') ?? false;
  if (isJsonPatch !== Array.isArray(body)) throw badRequest('error decoding patch');
  const after = Array.isArray(body) ? jsonPatch(before, body) : mergePatch(before, body);
  return replaceScale(api, type, namespace, name, after as unknown as KubernetesObject, options);
}

function workload(api: Api, type: ResourceType, namespace: string, name: string): KubernetesObject {
  const found = api.objects.get(type, namespace, name);
  if (!found) throw notFound(type, name);
  return found;
}

function scaleOf(object: KubernetesObject): JsonObject {
  const { name, namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata;
  const selector = Object.entries(textMapAt(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      selector: selector.map(([key, value]) => `${key}=${value}`).join(','),
    },
  };
}
