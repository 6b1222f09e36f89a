import pg from 'pg';

/** Nothing of the statement was written. A connection that breaks says nothing of the kind. */
export function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR';
}
