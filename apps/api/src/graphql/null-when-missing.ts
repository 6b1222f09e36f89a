import { SlipwayError } from '@slipway/contracts';

/** A query for one thing that is not there (or not there for this caller) answers null, as GraphQL has it. */
export async function nullWhenMissing<T>(wanted: Promise<T>): Promise<T | null> {
  try {
    return await wanted;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'not_found') return null;
    throw error;
  }
}
