import { Operation, RunStatus, isTerminal } from '@slipway/contracts';
import { entityAfterRun, type EntityAfterRun } from '@slipway/portal';

/** What becomes of the entity, by the run's status and operation and whether anything still stands: only the statement knows all three. */
function outcomes(): Record<string, EntityAfterRun> {
  const all: Record<string, EntityAfterRun> = {};
  for (const status of RunStatus.options.filter(isTerminal)) {
    for (const operation of Operation.options) {
      for (const standing of [true, false]) all[`${status} ${operation} ${standing}`] = entityAfterRun({ operation, status, standing });
    }
  }
  return all;
}

/**
 * In the statement that ends a run, behind `held` and what changed in the ledger: the entity becomes what the outcome makes
 * of it, and the next run in its line wakes. The entity is found by its mark as well: a run that was called back late must
 * not settle a newer entity of the same name. `IS TRUE` keeps the planner from walking through all that is queued.
 */
export function endOfRun(changesLedger: boolean): string {
  const stands = `state NOT IN ('REMOVED', 'KEPT')`;
  const untouched = changesLedger
    ? 'AND NOT EXISTS (SELECT 1 FROM changed WHERE (changed.run_id, changed.kind, changed.external_id) = (known.run_id, known.kind, known.external_id))'
    : '';
  return `fate AS (
    SELECT held.*, '${JSON.stringify(outcomes())}'::jsonb ->> concat_ws(' ', held.status, held.operation, (
      EXISTS (SELECT 1 FROM resources AS known
               WHERE known.blueprint = held.blueprint AND known.entity = held.entity AND known.${stands} ${untouched})
      ${changesLedger ? `OR EXISTS (SELECT 1 FROM changed WHERE changed.${stands})` : ''})::text) AS after
    FROM held
  ), removed AS (
    DELETE FROM entities USING fate
     WHERE fate.after = 'removed' AND entities.blueprint = fate.blueprint AND entities.identifier = fate.entity AND entities.mark = fate.mark
  ), settled AS (
    UPDATE entities SET status = fate.after, updated_at = now() FROM fate
     WHERE fate.after NOT IN ('removed', 'unchanged')
       AND entities.blueprint = fate.blueprint AND entities.identifier = fate.entity AND entities.mark = fate.mark
  ), next_in_line AS (
    INSERT INTO outbox (run_id)
    SELECT next.id FROM held JOIN runs AS next
        ON next.blueprint = held.blueprint AND next.entity = held.entity AND (next.status = 'QUEUED') IS TRUE AND next.id <> held.id
     ORDER BY next.created_at, next.id LIMIT 1)`;
}
