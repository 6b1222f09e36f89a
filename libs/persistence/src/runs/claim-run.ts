import type { Claim } from '@slipway/engine';
import type pg from 'pg';
import { hasToWait, isBeingCancelled } from '../line/turn-of-entity.js';
import { type InboxRow, type ResourceJson, type RunRow, type StepJson, toInboxMessage, toResource, toRun, toStep } from './run-rows.js';

/**
 * Takes the lease when it is free or has run out by the database's clock, and there is something to do: the run has not
 * ended, its inbox holds a message, or whoever had it after its end was lost before he gave it back. Runs on one entity go one
 * after another, in the order of their requests, and one that waits for its turn can be taken to be cancelled; while new runs are
 * paused, one that has not begun stays where it is unless somebody has something to tell it.
 */
export async function claimRun(pool: pg.Pool, runId: string, owner: string, leaseMs: number): Promise<Claim | null> {
  const claimed = await claim(pool, [runId, owner, leaseMs]);
  if (!claimed) return null;
  const parts = claimed.is_current ? claimed : await partsOf(pool, runId);
  return {
    lease: { runId, owner, fence: Number(claimed.fence) },
    run: toRun(claimed),
    steps: (parts.steps ?? []).map(toStep),
    resources: (parts.resources ?? []).map(toResource),
    inbox: (parts.inbox ?? []).map(toInboxMessage),
    wasLost: claimed.was_lost,
    now: claimed.now,
  };
}

interface Parts {
  steps: StepJson[] | null;
  resources: ResourceJson[] | null;
  inbox: InboxRow[] | null;
}

interface Claimed extends RunRow, Parts {
  is_current: boolean;
  was_lost: boolean;
  now: Date;
}

async function claim(pool: pg.Pool, values: unknown[]): Promise<Claimed | undefined> {
  try {
    const claimed = await pool.query<Claimed>({ name: 'claim-run', text: claimSql, values });
    return claimed.rows[0];
  } catch (error) {
    // Another run of the same entity was claimed in the same instant.
    if ((error as { code?: unknown }).code === '23505') return undefined;
    throw error;
  }
}

/** What a run is made from; its row has more. */
const runColumns: ReadonlyArray<keyof RunRow> = [
  'id', 'action', 'operation', 'blueprint', 'entity', 'status', 'inputs', 'requested_by', 'plan', 'template_digest', 'workspace_digest',
  'mark', 'failure', 'undo_reason', 'started_at', 'fence',
];

async function partsOf(pool: pg.Pool, runId: string): Promise<Parts> {
  const found = await pool.query<Parts>({ name: 'parts-of-run', text: `SELECT ${partsSql}`, values: [runId] });
  return found.rows[0] ?? { steps: null, resources: null, inbox: null };
}

const partsSql = `
  (SELECT json_agg(step ORDER BY step.position, step.item NULLS FIRST) FROM steps AS step WHERE step.run_id = $1) AS steps,
  (SELECT json_agg(resource ORDER BY resource.position) FROM resources AS resource WHERE resource.run_id = $1) AS resources,
  (SELECT json_agg(json_build_object('id', message.id::text, 'kind', message.kind, 'body', message.body) ORDER BY message.id)
     FROM inbox AS message WHERE message.run_id = $1 AND message.acknowledged_at IS NULL) AS inbox`;

/** By somebody who had come to read a message, and was lost: until it is given back, no other run of the entity begins. */
const isHeldAfterItsEnd = `(run.lease_owner IS NOT NULL AND run.status IN ('SUCCEEDED', 'FAILED', 'CANCELLED'))`;

/**
 * The parts are as of the statement's beginning, and the lock on the run may have been waited for while its last holder
 * wrote once more. Then the version that was locked is not the one that was seen, and the parts are read again.
 */
const claimSql = `
  WITH free AS (
    SELECT run.id, run.xmin::text AS version, run.lease_owner IS NOT NULL AS was_lost FROM runs AS run
     WHERE run.id = $1
       AND (run.lease_until IS NULL OR run.lease_until < now())
       AND (run.status IN ('RUNNING', 'WAITING', 'UNDOING')
            OR (run.status = 'QUEUED' AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'runs'))
            OR ${isHeldAfterItsEnd}
            OR EXISTS (SELECT 1 FROM inbox WHERE run_id = run.id AND acknowledged_at IS NULL))
       AND (NOT ${hasToWait('run', { behindHeld: true })} OR (run.status = 'QUEUED' AND ${isBeingCancelled('run')}))
     FOR UPDATE OF run
  ), claimed AS (
    UPDATE runs AS run
       SET lease_owner = $2, lease_until = now() + $3 * interval '1 millisecond', fence = fence + 1, wake_at = NULL
      FROM free WHERE run.id = free.id
    RETURNING ${runColumns.map((column) => `run.${column}`).join(', ')}, free.version, free.was_lost
  )
  SELECT claimed.*, clock_timestamp() AS now, claimed.version = (SELECT seen.xmin::text FROM runs AS seen WHERE seen.id = $1) AS is_current, ${partsSql}
    FROM claimed`;
