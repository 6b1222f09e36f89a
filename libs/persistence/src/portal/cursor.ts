import { SlipwayError } from '@slipway/contracts';
import type { z } from 'zod';

/** Where a page ended, as text that nobody is meant to read. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Throws `bad_request` for what `encodeCursor` never made. */
export function decodeCursor<T>(schema: z.ZodType<T>, cursor: string): T {
  const place = schema.safeParse(parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (place.success) return place.data;
  throw new SlipwayError('bad_request', 'This page cursor is not one of ours: begin again without it.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
