import type { Claim } from '@slipway/engine';
import type pg from 'pg';
import { type InboxRow, type ResourceRow, type RunRow, type StepRow, toInboxMessage, toResource, toRun, toStep } from './run-rows.js';

/**
 * Takes the lease when it is free or has run out by the database's clock, and there is something to do: the run has not
 * ended, or its inbox holds a message. Runs on one entity go one after another, in the order of their requests.
 */
export async function claimRun(pool: pg.Pool, runId: string, owner: string, leaseMs: number): Promise<Claim | null> {
  const claimed = await pool.query<RunRow>({ name: 'claim-run', text: claimSql, values: [runId, owner, leaseMs] });
  const row = claimed.rows[0];
  if (!row) return null;
  const values = [runId];
  const [steps, resources, inbox] = await Promise.all([
    pool.query<StepRow>({ name: 'steps-of-run', text: stepsSql, values }),
    pool.query<ResourceRow>({ name: 'resources-of-run', text: resourcesSql, values }),
    pool.query<InboxRow>({ name: 'inbox-of-run', text: inboxSql, values }),
  ]);
  return {
    lease: { runId, owner, fence: Number(row.fence) },
    run: toRun(row),
    steps: steps.rows.map(toStep),
    resources: resources.rows.map(toResource),
    inbox: inbox.rows.map(toInboxMessage),
  };
}

const claimSql = `
  UPDATE runs AS run
     SET lease_owner = $2, lease_until = now() + $3 * interval '1 millisecond', fence = fence + 1, wake_at = NULL
   WHERE id = $1
     AND (lease_until IS NULL OR lease_until < now())
     AND (status IN ('QUEUED', 'RUNNING', 'WAITING', 'UNDOING')
          OR EXISTS (SELECT 1 FROM inbox WHERE run_id = run.id AND acknowledged_at IS NULL))
     AND NOT EXISTS (
       SELECT 1 FROM runs AS other
        WHERE other.blueprint = run.blueprint AND other.entity = run.entity AND other.id <> run.id
          AND (other.status IN ('RUNNING', 'WAITING', 'UNDOING')
               OR (other.status = 'QUEUED' AND (other.created_at, other.id) < (run.created_at, run.id))))
  RETURNING *`;

const stepsSql = 'SELECT * FROM steps WHERE run_id = $1 ORDER BY position, item NULLS FIRST';
const resourcesSql = 'SELECT * FROM resources WHERE run_id = $1 ORDER BY position';
const inboxSql = 'SELECT id, kind, body FROM inbox WHERE run_id = $1 AND acknowledged_at IS NULL ORDER BY id';
