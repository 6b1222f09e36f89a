import { createHash } from 'node:crypto';

/** SHA-256 of what was asked for, the same whatever the order of its keys. */
export function requestBodyHash(body: { properties: Record<string, unknown>; entity?: string | undefined }): string {
  return createHash('sha256')
    .update(canonical({ properties: body.properties, entity: body.entity ?? null }))
    .digest('hex');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
