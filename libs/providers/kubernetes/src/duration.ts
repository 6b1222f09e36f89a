import { z } from 'zod';

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `10m`, `1h`; in ms once parsed. */
export const Duration = z
  .string()
  .regex(/^[1-9]\d{0,4}[smh]$/, 'must be a number with s, m or h, such as 10m')
  .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0));
