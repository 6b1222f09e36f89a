import { Operation, type RunStatus } from '@slipway/contracts';
import { entityAfterRun, type EntityAfterRun } from '@slipway/portal';

type Outcomes = Record<Operation, Record<'true' | 'false', EntityAfterRun>>;

/** What becomes of the entity, by the run's operation and whether anything still stands: only the statement knows both. */
export function outcomes(status: RunStatus): Outcomes {
  const of = (operation: Operation) => ({
    true: entityAfterRun({ operation, status, standing: true }),
    false: entityAfterRun({ operation, status, standing: false }),
  });
  return Object.fromEntries(Operation.options.map((operation) => [operation, of(operation)])) as Outcomes;
}

/**
 * In the statement that ends a run, behind `held` and what changed in the ledger: the entity becomes what the outcome makes
 * of it, and the next run in its line wakes. The entity is found by its mark as well: a run that was called back late must
 * not settle a newer entity of the same name. `IS TRUE` keeps the planner from walking through all that is queued.
 */
export function endOfRun(after: string, changesLedger: boolean): string {
  const stands = `state NOT IN ('REMOVED', 'KEPT')`;
  const untouched = changesLedger
    ? 'AND NOT EXISTS (SELECT 1 FROM changed WHERE (changed.run_id, changed.kind, changed.external_id) = (known.run_id, known.kind, known.external_id))'
    : '';
  return `fate AS (
    SELECT held.*, ${after}::jsonb -> held.operation ->> (
      EXISTS (SELECT 1 FROM resources AS known
               WHERE known.blueprint = held.blueprint AND known.entity = held.entity AND known.${stands} ${untouched})
      ${changesLedger ? `OR EXISTS (SELECT 1 FROM changed WHERE changed.${stands})` : ''})::text AS after
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
