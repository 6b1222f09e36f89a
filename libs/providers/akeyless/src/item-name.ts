import { z } from 'zod';

const RULE = 'must be a path of letters, digits, dots, dashes and underscores';

/** Below the configured prefix: `shop/mysql`. */
export const ItemName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, RULE);

/** From the root: `/slipway/shop/mysql`. */
export const ItemPath = z
  .string()
  .max(300)
  .regex(/^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/, RULE);

/** In full, of a path from the root or a name below the prefix. */
export function fullPath(prefix: string, path: string): string {
  return path.startsWith('/') ? path : `${prefix}/${path}`;
}
