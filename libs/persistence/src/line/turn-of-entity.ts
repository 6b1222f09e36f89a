/**
 * Runs on one entity go one after another: first the one that is at work, then in the order of their requests. All that depends on
 * it asks here. `IS TRUE` has the planner look for the others by their entity: by their status there may be a hundred thousand.
 */

/**
 * Whether another run of its entity goes before `run`; for a claim, also one that is held, to be called back or for a message. Of
 * requests in the same instant the later one may be seen first, and have its turn before the other is there: it keeps it.
 */
export function hasToWait(run: string, { behindHeld }: { behindHeld: boolean }): string {
  return `EXISTS (
    SELECT 1 FROM runs AS other
     WHERE other.blueprint = ${run}.blueprint AND other.entity = ${run}.entity AND other.id <> ${run}.id
       AND (${isAtWork('other')}${behindHeld ? ' OR other.lease_owner IS NOT NULL' : ''}
            OR (${isQueuedBefore('other', run)} AND NOT (${isAtWork(run)} OR ${run}.lease_owner IS NOT NULL))) IS TRUE)`;
}

/** Who asks is told whom to look at; a line may be longer than anybody reads. */
const mostAhead = 20;

/** An array of the runs that go before `run` while it is QUEUED: first the one that is at work. */
export function runsAhead(run: string): string {
  return `ARRAY(
    SELECT other.id FROM runs AS other
     WHERE other.blueprint = ${run}.blueprint AND other.entity = ${run}.entity AND other.id <> ${run}.id
       AND (${isAtWork('other')} OR ${isQueuedBefore('other', run)}) IS TRUE
     ORDER BY other.status = 'QUEUED', other.created_at, other.id LIMIT ${mostAhead})`;
}

function isAtWork(run: string): string {
  return `${run}.status IN ('RUNNING', 'WAITING', 'UNDOING')`;
}

function isQueuedBefore(other: string, run: string): string {
  return `(${other}.status = 'QUEUED' AND (${other}.created_at, ${other}.id) < (${run}.created_at, ${run}.id))`;
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
