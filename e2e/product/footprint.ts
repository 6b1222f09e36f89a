/**
 * What of a state belongs to one app: of each list in it, how many entries name the app. Two apps that are made alike have the
 * same footprint, whatever numbers, times and random names they were given.
 */
export function footprint(state: unknown, name: string): Record<string, number> {
  const found: Record<string, number> = {};
  count(state, '', name, found);
  return found;
}

function count(value: unknown, place: string, name: string, found: Record<string, number>): void {
  if (typeof value !== 'object' || value === null) return;
  const own = Array.isArray(value) ? value.filter((entry) => JSON.stringify(entry).includes(name)) : [];
  if (own.length > 0) found[place] = (found[place] ?? 0) + own.length;
  for (const [key, entry] of Array.isArray(value) ? own.map((one) => ['', one] as const) : Object.entries(value)) {
    count(entry, key === '' ? place : `${place}.${key.replaceAll(name, 'NAME')}`, name, found);
  }
}
