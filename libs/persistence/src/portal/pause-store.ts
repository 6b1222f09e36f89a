import type { Pause, PauseStore } from '@slipway/portal';
import type pg from 'pg';

interface PauseRow {
  reason: string;
  paused_by: string;
  paused_at: Date;
}

/** A row that the claim of a new run, the line and the sweep look for. */
export class PostgresPauseStore implements PauseStore {
  constructor(private readonly pool: pg.Pool) {}

  async find(): Promise<Pause | null> {
    const found = await this.pool.query<PauseRow>(`SELECT reason, paused_by, paused_at FROM pauses WHERE scope = 'runs'`);
    return found.rows[0] ? toPause(found.rows[0]) : null;
  }

  async set({ reason, pausedBy }: { reason: string; pausedBy: string }): Promise<Pause> {
    const set = await this.pool.query<PauseRow>(setSql, [reason, pausedBy]);
    const row = set.rows[0];
    if (!row) throw new Error('PostgreSQL did not answer with the pause it has just written.');
    return toPause(row);
  }

  async clear(): Promise<boolean> {
    const cleared = await this.pool.query(`DELETE FROM pauses WHERE scope = 'runs'`);
    return cleared.rowCount !== 0;
  }
}

function toPause(row: PauseRow): Pause {
  return { reason: row.reason, pausedBy: row.paused_by, pausedAt: row.paused_at };
}

const setSql = `
  INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', $1, $2)
  ON CONFLICT (scope) DO UPDATE SET reason = excluded.reason, paused_by = excluded.paused_by
  RETURNING reason, paused_by, paused_at`;
