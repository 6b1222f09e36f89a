import { SlipwayError } from '@slipway/contracts';

/** Where a page ended, as text that nobody is meant to read. */
export function encodeCursor(...parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Throws `bad_request` for what `encodeCursor` never made. */
export function decodeCursor(cursor: string, length: number): string[] {
  const parts = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string' && !part.includes('\0'))) {
    return parts as string[];
  }
  throw new SlipwayError('bad_request', 'This page cursor is not one of ours: begin again without it.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
