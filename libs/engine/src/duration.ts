import { z } from 'zod';

const count = z.number().min(0).optional();

/** As Backstage writes a length of time; what is absent is nothing. */
export const DurationParts = z.object({ hours: count, minutes: count, seconds: count, milliseconds: count });

/** `90s`, `30m`, `PT1H`, or `{ minutes: 5 }`; in ms once parsed. */
export const Duration = z.unknown().transform((given, ctx): number => {
  const ms = typeof given === 'string' ? parseDuration(given) : msOfParts(given);
  if (ms === null) ctx.addIssue({ code: 'custom', message: 'must be a length of time, such as 90s, 30m, PT1H or { minutes: 5 }' });
  return ms ?? z.NEVER;
});

function msOfParts(given: unknown): number | null {
  const parts = DurationParts.strict().safeParse(given).data;
  return parts ? partsMs(parts) : null;
}

export function partsMs({ hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }: z.infer<typeof DurationParts>): number {
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds);
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** `90s`, `30m`, `1h30m`, `PT1H`: whole milliseconds, above zero. Null when it is none of these. */
export function parseDuration(text: string): number | null {
  const ms = text.startsWith('P') ? isoMs(text) : shortMs(text);
  return ms !== null && Number.isSafeInteger(ms) && ms > 0 ? ms : null;
}

function shortMs(text: string): number | null {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return null;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) ms += Number(count) * (units[unit ?? ''] ?? 0);
  return ms;
}

function isoMs(text: string): number | null {
  const [, days, hours, minutes, seconds] = iso.exec(text) ?? [];
  if (![days, hours, minutes, seconds].some((part) => part !== undefined)) return null;
  const of = (part: string | undefined, unit: number) => Number(part ?? 0) * unit;
  return Math.round(of(days, 86_400_000) + of(hours, 3_600_000) + of(minutes, 60_000) + of(seconds, 1_000));
}
