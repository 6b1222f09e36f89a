import { randomBytes } from 'node:crypto';

/**
 * Accepts `count` runs of `plan` in one statement, each for an entity of its own, and answers their ids. What the doors do
 * around it is their benchmark's business.
 */
export async function submitRuns(pool, count, plan, { team = 'bench' } = {}) {
  const ids = Array.from({ length: count }, () => `r_${randomBytes(10).toString('hex')}`);
  const values = [ids, JSON.stringify(plan), plan.steps.map((step) => step.id), team];
  // Named, as the doors' own: they plan it once for a connection.
  await pool.query({ name: 'bench-submit', text: submitSql, values });
  return ids;
}

const submitSql = `
  WITH accepted AS (
    INSERT INTO runs (id, action, operation, blueprint, entity, team, status, inputs, requested_by, plan, template_digest, mark)
    SELECT id, 'bench', 'DAY-2', 'service', id, $4, 'QUEUED', '{}', 'client:bench', $2::jsonb, 'none', id FROM unnest($1::text[]) AS id
    RETURNING id
  ), planned AS (
    INSERT INTO steps (run_id, id, position, status)
    SELECT accepted.id, step.id, step.position - 1, 'PENDING' FROM accepted, unnest($3::text[]) WITH ORDINALITY AS step(id, position)
     ORDER BY accepted.id, step.position
  )
  INSERT INTO outbox (run_id, team) SELECT id, $4 FROM accepted`;

/** Steps in a row, each handed the same input. */
export function chain(length, action, input) {
  const steps = Array.from({ length }, (_, index) => ({
    id: `s${index}`,
    name: `Step ${index}`,
    action,
    needs: index === 0 ? [] : [`s${index - 1}`],
    input,
    timeoutMs: 600_000,
    retry: { attempts: 1, withinMs: 0 },
  }));
  return { steps, onFailure: 'keep', deadlineMs: 24 * 3_600_000 };
}
