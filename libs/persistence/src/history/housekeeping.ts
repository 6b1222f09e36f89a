import type pg from 'pg';
import { packRun } from './pack-run.js';
import { sweepings } from './sweepings.js';

export interface HousekeepingRules {
  /** Ended so long ago, a run's events are packed. */
  archiveAfterDays: number;
  /** Ended so long ago, they are deleted; null: never. */
  deleteAfterDays: number | null;
}

/** How many rows went, or runs were packed, by name; without those where there was nothing to do. */
export type Swept = Record<string, number>;

/** Any number, as long as nothing else in this database takes the same. */
const housekeepingLock = 7_190_442;
/** Rows at once: nobody waits long behind a batch. */
const batch = 500;

/** Packs old history and deletes what nobody needs any more. Any number of processes may call: one at a time does it. */
export class PostgresHousekeeping {
  constructor(
    private readonly pool: pg.Pool,
    private readonly rules: HousekeepingRules,
  ) {}

  /** Null: another process is at it. Stops between two batches once `signal` is aborted; the next call goes on from there. */
  async keepHouse(signal: AbortSignal): Promise<Swept | null> {
    const connection = await this.pool.connect();
    try {
      const locked = await connection.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [housekeepingLock]);
      const swept = locked.rows[0]?.mine ? await this.sweepAll(connection, signal) : null;
      if (swept) await connection.query('SELECT pg_advisory_unlock($1)', [housekeepingLock]);
      connection.release();
      return swept;
    } catch (error) {
      // The lock goes with the connection.
      connection.release(true);
      throw error;
    }
  }

  private async sweepAll(connection: pg.PoolClient, signal: AbortSignal): Promise<Swept> {
    const swept: Swept = {};
    const count = (name: string, rows: number): void => {
      if (rows > 0) swept[name] = (swept[name] ?? 0) + rows;
    };
    for (const { name, sql } of sweepings) {
      await inBatches(signal, async () => {
        const gone = (await connection.query(sql, [batch])).rowCount ?? 0;
        count(name, gone);
        return gone;
      });
    }
    await inBatches(signal, async () => {
      const packed = await this.packSome(connection, signal);
      count('packed runs', packed);
      return packed;
    });
    if (this.rules.deleteAfterDays !== null) {
      const days = this.rules.deleteAfterDays;
      await inBatches(signal, async () => {
        const gone = (await connection.query(deletePackedSql, [batch, days])).rowCount ?? 0;
        count('packed events', gone);
        return gone;
      });
    }
    return swept;
  }

  private async packSome(connection: pg.PoolClient, signal: AbortSignal): Promise<number> {
    const days = this.rules.archiveAfterDays;
    const due = await connection.query<{ id: string }>(toPackSql, [batch, days]);
    for (const { id } of due.rows) {
      if (signal.aborted) break;
      await packRun(connection, id, days);
    }
    return due.rows.length;
  }
}

/** Until a batch finds no full measure of work. */
async function inBatches(signal: AbortSignal, work: () => Promise<number>): Promise<void> {
  while (!signal.aborted && (await work()) >= batch);
}

const toPackSql = `
  SELECT id FROM runs
   WHERE ended_at IS NOT NULL AND (archived_at IS NULL OR archived_at < ended_at)
     AND ended_at < now() - $2 * interval '1 day' AND lease_owner IS NULL
   ORDER BY ended_at LIMIT $1`;

const deletePackedSql = `
  DELETE FROM packed_events WHERE (run_id, last_seq) IN (
    SELECT packed.run_id, packed.last_seq FROM packed_events AS packed JOIN runs AS run ON run.id = packed.run_id
     WHERE run.ended_at < now() - $2 * interval '1 day' LIMIT $1)`;
