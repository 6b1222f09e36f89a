import type { KubernetesObject } from '../cluster.js';

/** Whether everything that the manifest says holds for the live object. What others added to it does not matter. */
export function matchesLive(manifest: KubernetesObject, live: KubernetesObject): boolean {
  return isWithin(withoutPlace(comparable(manifest)), withoutPlace(comparable(live)));
}

/** A secret's stringData is stored as data. */
function comparable(object: KubernetesObject): KubernetesObject {
  const { stringData, data: kept } = object;
  if (object.kind !== 'Secret' || !isRecord(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  const data = { ...(isRecord(kept) ? kept : {}), ...(Object.fromEntries(encoded) as object) };
  return { ...object, stringData: undefined, data };
}

/** Which object it is has been settled, and its status is not for a manifest to say. */
function withoutPlace(object: KubernetesObject): object {
  const { labels, annotations } = object.metadata;
  return { ...object, status: undefined, metadata: { labels, annotations } };
}

function isWithin(wanted: unknown, actual: unknown): boolean {
  if (isEmpty(wanted)) return true;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length) return false;
    return wanted.every((item, index) => isWithin(item, actual[index]));
  }
  if (isRecord(wanted)) {
    return isRecord(actual) && Object.entries(wanted).every(([key, value]) => isWithin(value, actual[key]));
  }
  // Quantities are written as numbers or as text.
  return String(wanted) === String(actual);
}

/** The API server drops what is null or empty. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
