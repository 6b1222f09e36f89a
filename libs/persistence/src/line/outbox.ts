import type pg from 'pg';
import { markMs, sweepRuns } from './sweep-runs.js';

/**
 * The line of runs that want a job in the queue. A new run's row names its team, and teams are served by turns; what has
 * begun or was woken goes before all of them. Rows leave before they are handed over, so that whoever begins with a run does
 * not wait for the line; what gets lost in between, the sweep finds. Twice is harmless.
 */
export class PostgresOutbox {
  /** The team that was served last: with more teams than places, the next turn begins behind it. */
  private lastTeam = '';

  constructor(private readonly pool: pg.Pool) {}

  /**
   * Takes up to about `limit` runs out of the line, in the order of their turns, and hands over those that nobody has begun with yet;
   * answers how many it took, and whether new runs stay in the line because they are paused. When `hand` throws, they are back in
   * their places.
   */
  async take(limit: number, hand: (runIds: string[]) => Promise<void>): Promise<{ moved: number; isPaused: boolean }> {
    const found = await this.pool.query<TakenRow | NothingTaken>({ name: 'take-from-outbox', text: takeSql, values: [limit, this.lastTeam, markMs] });
    const isPaused = found.rows.some((row) => row.is_paused);
    const rows = found.rows.filter((row) => row.id !== null).sort((one, other) => one.turn - other.turn || one.place - other.place);
    const taken = new Set(rows.map((row) => row.run_id));
    const wanted = new Set(rows.flatMap((row) => (row.has_begun ? [] : [row.run_id])));
    try {
      if (wanted.size > 0) await hand([...wanted]);
    } catch (error) {
      await this.putBack(rows);
      throw error;
    }
    this.lastTeam = rows.findLast((row) => row.turn === 1)?.team ?? this.lastTeam;
    return { moved: taken.size, isPaused };
  }

  /** Puts the runs that nobody works on though they are due into the line again; answers how many. */
  sweep(limit: number): Promise<number> {
    return sweepRuns(this.pool, limit);
  }

  private async putBack(rows: TakenRow[]): Promise<void> {
    await this.pool.query({
      name: 'put-back-into-outbox',
      text: putBackSql,
      values: [rows.map((row) => row.id), rows.map((row) => row.run_id), rows.map((row) => row.team), rows.map((row) => row.created_at)],
    });
  }
}

interface TakenRow {
  id: string;
  run_id: string;
  team: string | null;
  created_at: Date;
  /** Which of its team's rows in this take; 0 for what goes before all turns. */
  turn: number;
  place: number;
  /** A new run that somebody holds, or held, already: whoever accepted it handed it over before its row left the line. */
  has_begun: boolean;
  is_paused: boolean;
}

/** The one row of a take that took nothing. */
interface NothingTaken {
  id: null;
  is_paused: boolean;
}

/**
 * The teams are found by jumping through the index from one to the next, so this costs as much as it takes, however long
 * the line. $1: how many; $2: the team after which the turn begins. New runs stay while they are paused. Each new run taken
 * is marked ($3, in ms): by then somebody has begun with it, or its job got lost, and the sweep looks for those. A server that
 * crashes may forget that these were taken, which hands them over twice: not worth waiting for its disk.
 */
const takeSql = `
  WITH RECURSIVE before AS MATERIALIZED (
    SELECT id FROM outbox WHERE team IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
  ), room AS MATERIALIZED (
    SELECT is_paused, CASE WHEN is_paused THEN 0 ELSE $1::int - (SELECT count(*) FROM before)::int END AS places
      FROM (SELECT EXISTS (SELECT 1 FROM pauses WHERE scope = 'runs') AS is_paused) AS pause
  ), team (name) AS (
    (SELECT team FROM outbox WHERE team IS NOT NULL ORDER BY team LIMIT 1)
    UNION ALL
    SELECT (SELECT team FROM outbox WHERE team > team.name ORDER BY team LIMIT 1) FROM team WHERE team.name IS NOT NULL
  ), served AS MATERIALIZED (
    SELECT name, row_number() OVER (ORDER BY name <= $2, name)::int AS place FROM team WHERE name IS NOT NULL
     ORDER BY name <= $2, name LIMIT (SELECT places FROM room)
  ), turns AS MATERIALIZED (
    SELECT entry.id, served.place, row_number() OVER (PARTITION BY served.name ORDER BY entry.id)::int AS turn
      FROM served CROSS JOIN LATERAL (
        -- A range, so that the order by team is not seen to be idle: the key alone would be walked through all other teams.
        SELECT id FROM outbox WHERE team BETWEEN served.name AND served.name ORDER BY team, id
         LIMIT (SELECT ceil(places::float / greatest(1, (SELECT count(*) FROM served)))::int FROM room)
           FOR UPDATE SKIP LOCKED
      ) AS entry
  ), chosen AS (
    SELECT id, 0 AS turn, row_number() OVER (ORDER BY id)::int AS place FROM before
    UNION ALL
    SELECT id, turn, place FROM turns
  ), taken AS (
    DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM chosen)) RETURNING id, run_id, team, created_at
  ), marked AS (
    UPDATE runs SET wake_at = now() + $3 * interval '1 millisecond'
     WHERE id = ANY (ARRAY(SELECT run_id FROM taken)) AND status = 'QUEUED' AND lease_owner IS NULL
  )
  SELECT taken.*, chosen.turn, chosen.place, room.is_paused, set_config('synchronous_commit', 'off', true),
         taken.team IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM runs WHERE id = taken.run_id AND status = 'QUEUED' AND lease_owner IS NULL) AS has_begun
    FROM room LEFT JOIN (taken JOIN chosen USING (id)) ON true`;

const putBackSql = `
  INSERT INTO outbox (id, run_id, team, created_at) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[])`;
