interface RequestBody {
  properties: Record<string, unknown>;
  secrets?: Record<string, unknown> | undefined;
  entity?: string | undefined;
}

/** What was asked for, as one text that is the same whatever the order of its keys. It may hold secrets: only a keyed hash of it may be kept. */
export function requestBody({ properties, secrets = {}, entity }: RequestBody): string {
  return canonical({ properties, secrets, entity: entity ?? null });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
