import { jsonPatch } from '../kubernetes/json-patch.js';
import type { Json } from '../kubernetes/json.js';
import { ArgoError } from './errors.js';

/** @throws ArgoError InvalidArgument for a patch of an unknown type, and for one that cannot be carried out. */
export function patched(document: unknown, type: string, text: string): unknown {
  if (type !== '' && type !== 'json' && type !== 'merge') {
    throw new ArgoError('InvalidArgument', `Patch type '${type}' is not supported`);
  }
  try {
    const patch: unknown = JSON.parse(text);
    if (type === 'merge') return mergePatch(document, patch);
    // What is absent here and what is undefined must be the same to a patch.
    return jsonPatch(JSON.parse(JSON.stringify(document)) as Json, patch as Json[]);
  } catch (error) {
    throw new ArgoError('InvalidArgument', (error as Error).message);
  }
}

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
