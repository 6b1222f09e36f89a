/**
 * Runs on one entity go one after another: first the one that is at work, then in the order of their requests. All that depends on
 * it asks here. `IS TRUE` has the planner look for the others by their entity: by their status there may be a hundred thousand.
 */

/** Whether another run of its entity goes before `run`; for a claim, also one that is held, to be called back or for a message. */
export function hasToWait(run: string, { behindHeld }: { behindHeld: boolean }): string {
  return `EXISTS (
    SELECT 1 FROM runs AS other
     WHERE other.blueprint = ${run}.blueprint AND other.entity = ${run}.entity AND other.id <> ${run}.id
       AND (other.status IN ('RUNNING', 'WAITING', 'UNDOING')${behindHeld ? ' OR other.lease_owner IS NOT NULL' : ''}
            OR (other.status = 'QUEUED' AND (other.created_at, other.id) < (${run}.created_at, ${run}.id))) IS TRUE)`;
}

/** Whether somebody has asked for the end of a run that may not even have begun: it waits for no turn, and takes none. */
export function isBeingCancelled(run: string): string {
  return `EXISTS (SELECT 1 FROM inbox WHERE run_id = ${run}.id AND acknowledged_at IS NULL AND kind = 'cancel')`;
}

/**
 * Whose turn it is once `ended` is out of the way, which the statement that ends it does not see yet. Others may be ended in the
 * same instant, unseen as well, but only such as are being cancelled: those are passed over, or two would name each other.
 */
export function nextAfter(ended: string): string {
  return `
    SELECT next.id FROM ${ended} JOIN runs AS next
        ON next.blueprint = ${ended}.blueprint AND next.entity = ${ended}.entity AND (next.status = 'QUEUED') IS TRUE AND next.id <> ${ended}.id
       AND NOT ${isBeingCancelled('next')}
     ORDER BY next.created_at, next.id LIMIT 1`;
}
