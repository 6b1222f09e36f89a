import type { KubernetesObject } from '../cluster.js';
import { ApiError, badRequest, goType, notFound } from './api-error.js';
import { applyObject } from './apply-object.js';
import { isObject, type Json, type JsonObject } from './json.js';
import { jsonPatch } from './json-patch.js';
import { mergePatch, strategicMergePatch } from './merge-patch.js';
import { updateObject } from './replace-object.js';
import { readPatched } from './read-object.js';
import type { ResourceType } from './resource-types.js';
import { schemaOf } from './schemas/schema.js';
import type { Api, WriteOptions } from './write-object.js';

interface Patch {
  /** The media type alone, without parameters. */
  contentType: string;
  body: unknown;
  force: boolean;
  /** As the query names it; only apply requires it. */
  fieldManager: string | undefined;
}

const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** PATCH in any of its four forms. @throws ApiError as the API server refuses. */
export function patchObject(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  patch: Patch,
  options: WriteOptions,
): KubernetesObject {
  const accepted = type.custom ? [JSON_PATCH, MERGE, APPLY] : [JSON_PATCH, MERGE, STRATEGIC, APPLY];
  if (!accepted.includes(patch.contentType)) throw unsupported(accepted);
  if (patch.contentType === APPLY) return apply(api, type, namespace, name, patch, options);
  const before = api.objects.get(type, namespace, name);
  if (!before) throw notFound(type, name);
  const after = patched(before as unknown as JsonObject, patch, type) as unknown as KubernetesObject;
  return updateObject(api, type, before, readPatched(type, after, options.validation), options);
}

function apply(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  patch: Patch,
  options: WriteOptions,
): KubernetesObject {
  if (patch.fieldManager === undefined || patch.fieldManager === '') {
    const message = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch';
    const cause = { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' };
    throw new ApiError(422, 'Invalid', message, { group: 'meta.k8s.io', kind: 'PatchOptions', causes: [cause] });
  }
  if (!isObject(patch.body)) throw badRequest('error decoding YAML: the body of an apply patch is one object');
  const config = patch.body as unknown as KubernetesObject;
  if (config.metadata?.['managedFields'] !== undefined) throw badRequest('metadata.managedFields must be nil');
  return applyObject(api, type, namespace, name, config, { ...options, fieldManager: patch.fieldManager, force: patch.force });
}

function patched(before: JsonObject, { contentType, body }: Patch, type: ResourceType): Json {
  if (contentType === JSON_PATCH) {
    if (Array.isArray(body)) return jsonPatch(before, body as Json[]);
    // What @kubernetes/client-node sends unless told otherwise: a plain object under the default patch type.
    throw badRequest(`error decoding patch: json: cannot unmarshal ${goType(body)} into Go value of type []handlers.jsonPatchOp`);
  }
  if (!isObject(body)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goType(body)} into Go value of type map[string]interface {}`,
    );
  }
  return contentType === MERGE ? mergePatch(before, body) : strategicMergePatch(before, body, schemaOf(type));
}

function unsupported(accepted: string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', message, {});
}
