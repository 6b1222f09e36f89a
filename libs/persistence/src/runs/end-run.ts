import { Operation, RunStatus, isTerminal } from '@slipway/contracts';
import { entityAfterRun, type EntityAfterRun } from '@slipway/portal';
import { nextAfter } from '../line/turn-of-entity.js';

/** What becomes of the entity, by all that only the statement knows: how the run ended, and whether anything still stands and it ever began. */
function outcomes(): Record<string, EntityAfterRun> {
  const all: Record<string, EntityAfterRun> = {};
  for (const status of RunStatus.options.filter(isTerminal)) {
    for (const operation of Operation.options) {
      for (const begun of [true, false]) {
        for (const standing of [true, false]) all[`${status} ${operation} ${begun} ${standing}`] = entityAfterRun({ operation, status, standing, begun });
      }
    }
  }
  return all;
}

/**
 * In the statement that ends a run, behind `held` and what changed in the ledger: the entity becomes what the outcome makes
 * of it, and the next run in its line wakes. The entity is found by its mark as well: a run that was called back late must
 * not settle a newer entity of the same name.
 */
export function endOfRun(changesLedger: boolean): string {
  const stands = `state NOT IN ('REMOVED', 'KEPT')`;
  const untouched = changesLedger
    ? 'AND NOT EXISTS (SELECT 1 FROM changed WHERE (changed.run_id, changed.kind, changed.external_id) = (known.run_id, known.kind, known.external_id))'
    : '';
  return `fate AS (
    SELECT held.*, '${JSON.stringify(outcomes())}'::jsonb ->> concat_ws(' ', held.status, held.operation, (held.started_at IS NOT NULL)::text, (
      EXISTS (SELECT 1 FROM resources AS known
               WHERE known.blueprint = held.blueprint AND known.entity = held.entity AND known.${stands} ${untouched})
      ${changesLedger ? `OR EXISTS (SELECT 1 FROM changed WHERE changed.${stands})` : ''})::text) AS after
    FROM held
  ), removed AS (
    DELETE FROM entities USING fate
     WHERE fate.after = 'removed' AND entities.blueprint = fate.blueprint AND entities.identifier = fate.entity AND entities.mark = fate.mark
  ), settled AS (
    UPDATE entities SET status = CASE fate.after WHEN 'as_before' THEN (${statusBefore}) ELSE fate.after END, updated_at = now() FROM fate
     WHERE fate.after NOT IN ('removed', 'unchanged')
       AND entities.blueprint = fate.blueprint AND entities.identifier = fate.entity AND entities.mark = fate.mark
  ), next_in_line AS (
    INSERT INTO outbox (run_id) ${nextAfter('held')})`;
}

/** Of an entity on which a DELETE was asked for: `failed` where its CREATE failed, or an earlier DELETE that had begun. */
const statusBefore = `
      SELECT CASE WHEN count(*) > 0 THEN 'failed' ELSE 'ready' END FROM runs AS earlier
       WHERE earlier.blueprint = fate.blueprint AND earlier.entity = fate.entity AND earlier.mark = fate.mark AND earlier.id <> fate.id
         AND (earlier.status IN ('FAILED', 'CANCELLED')) IS TRUE
         AND (earlier.operation = 'CREATE' OR (earlier.operation = 'DELETE' AND earlier.started_at IS NOT NULL))`;
