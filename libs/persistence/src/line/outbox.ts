import type pg from 'pg';

/** Runs that want a job in the queue. Rows leave only once they have been handed over; one handed over twice is harmless. */
export class PostgresOutbox {
  constructor(private readonly pool: pg.Pool) {}

  /** Hands over up to `limit` run ids; answers how many. When `hand` throws, they stay. */
  async take(limit: number, hand: (runIds: string[]) => Promise<void>): Promise<number> {
    const connection = await this.pool.connect();
    try {
      await connection.query('BEGIN');
      const taken = await connection.query<{ run_id: string }>(
        `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING run_id`,
        [limit],
      );
      const runIds = [...new Set(taken.rows.map((row) => row.run_id))];
      if (runIds.length > 0) await hand(runIds);
      await connection.query('COMMIT');
      return runIds.length;
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      connection.release();
    }
  }

  /**
   * Finds the runs that nobody works on though they are due (a worker died, a wait is over, a job was lost) and writes them
   * into the outbox again; each at most every 5 s.
   */
  async sweep(limit: number): Promise<number> {
    const swept = await this.pool.query(sweepSql, [limit]);
    return swept.rowCount ?? 0;
  }
}

const sweepSql = `
  WITH due AS (
    SELECT id FROM runs
     WHERE status IN ('QUEUED', 'RUNNING', 'WAITING', 'UNDOING')
       AND (lease_until IS NULL OR lease_until < now())
       AND (wake_at <= now()
            OR (wake_at IS NULL AND (lease_until IS NOT NULL OR updated_at < now() - interval '5 seconds')))
     ORDER BY created_at
     LIMIT $1 FOR UPDATE SKIP LOCKED
  ), marked AS (
    UPDATE runs SET wake_at = now() + interval '5 seconds' FROM due WHERE runs.id = due.id RETURNING runs.id
  )
  INSERT INTO outbox (run_id) SELECT id FROM marked`;
