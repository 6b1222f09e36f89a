import type pg from 'pg';
import { hasToWait } from './turn-of-entity.js';

/** How long a job has for somebody to begin with its run; then it counts as lost. */
export const markMs = 5_000;

/**
 * Finds what fell through and puts it into the outbox, each run once: `wake_at` a little ahead says that a job was asked
 * for. A run that is in the outbox already is left to it, so a line of any length costs nothing here.
 */
export async function sweepRuns(pool: pg.Pool, limit: number): Promise<number> {
  const swept = await pool.query({ name: `sweep-runs-${limit}`, text: sweepSql(limit) });
  return swept.rowCount ?? 0;
}

/** A new run that cannot begin yet: the end of whoever goes before it wakes it. */
const waits = hasToWait('run', { behindHeld: false });

/**
 * Without parameters: a limit that is one has PostgreSQL plan this anew each time, which takes ten times as long as there is to do as
 * a rule, in each process and each second.
 */
const sweepSql = (limit: number): string => `
  WITH asked_again AS (
    -- What an ended run could not remove is tried again at its time.
    INSERT INTO inbox (run_id, kind, body)
    SELECT run.id, 'undo', '{"automatic": true}'::jsonb FROM (
      SELECT id FROM runs
       WHERE id IN (SELECT run_id FROM resources WHERE state = 'REMOVE_FAILED' AND (removal ->> 'until')::timestamptz <= now())
         AND status IN ('FAILED', 'CANCELLED') AND lease_owner IS NULL
         AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run_id = runs.id AND inbox.kind = 'undo' AND inbox.acknowledged_at IS NULL)
       LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) AS run
    RETURNING run_id
  ), found AS (
    -- A wait is over, a stopping worker handed it on, or the job of a run that has begun got lost.
    (SELECT id FROM runs WHERE status IN ('RUNNING', 'WAITING', 'UNDOING') AND wake_at <= now() AND lease_owner IS NULL
      ORDER BY wake_at LIMIT ${limit})
    UNION
    -- Its worker died.
    (SELECT id FROM runs WHERE lease_owner IS NOT NULL AND lease_until < now() LIMIT ${limit})
    UNION
    -- The job of a new run got lost.
    (SELECT id FROM runs WHERE status = 'QUEUED' AND wake_at <= now() AND lease_owner IS NULL
        AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'runs')
      ORDER BY wake_at LIMIT ${limit})
    UNION
    -- The job of a message got lost. Whoever holds a run reads its inbox by himself.
    (SELECT run.id FROM inbox JOIN runs AS run ON run.id = inbox.run_id
      WHERE inbox.acknowledged_at IS NULL AND inbox.created_at < now() - ${markMs} * interval '1 millisecond' AND run.lease_owner IS NULL
      ORDER BY inbox.created_at LIMIT ${limit})
    UNION
    SELECT run_id FROM asked_again
  ), locked AS (
    -- In one order, and what another sweep is at is left to it: two sweeps must not wait for each other.
    SELECT run.id FROM runs AS run JOIN found ON found.id = run.id ORDER BY run.id FOR UPDATE OF run SKIP LOCKED
  ), asked AS (
    UPDATE runs AS run
       SET wake_at = CASE WHEN run.status = 'QUEUED' AND ${waits} THEN NULL ELSE now() + ${markMs} * interval '1 millisecond' END
      FROM locked
     WHERE run.id = locked.id
       AND (run.wake_at IS NULL OR run.wake_at <= now() OR run.wake_at > now() + ${markMs} * interval '1 millisecond')
       AND (run.lease_until IS NULL OR run.lease_until < now())
       AND NOT (run.status = 'QUEUED' AND run.wake_at IS NULL AND ${waits})
       -- A new run's row, should it have begun without it, may lie there for as long as new runs are paused.
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run_id = run.id AND (outbox.team IS NULL OR run.status = 'QUEUED'))
    RETURNING run.id, run.wake_at, run.created_at
  )
  INSERT INTO outbox (run_id) SELECT id FROM asked WHERE wake_at IS NOT NULL ORDER BY created_at`;
