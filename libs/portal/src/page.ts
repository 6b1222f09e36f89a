import { SlipwayError } from '@slipway/contracts';

/** A page of a longer list. `next` goes into the next query's `after`; null: this was the last. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface PageQuery {
  /** 1 to 1,000; 50 when absent. */
  limit?: number;
  /** A `next` from before. */
  after?: string;
}

export function pageBounds(query: PageQuery): { limit: number; after: string | null } {
  return { limit: limitOf(query.limit, 50, 1_000), after: query.after ?? null };
}

/** Throws `bad_request` for what is no number of things. */
export function limitOf(asked: number | undefined, usual: number, most: number): number {
  const limit = asked ?? usual;
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new SlipwayError('bad_request', `limit must be a whole number from 1 to ${most}.`);
  return limit;
}
