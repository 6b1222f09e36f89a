import type pg from 'pg';

/** Resolves once so many transactions wait for a lock that another one has. */
export async function lockIsWaitedFor(pool: pg.Pool, by = 1): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const giveUpAt = Date.now() + 5_000;
  while (((await pool.query(waiting)).rowCount ?? 0) < by) {
    if (Date.now() > giveUpAt) throw new Error('Nobody came to wait for the lock.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
