import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once no run is open any more; throws when one ended badly or nothing has moved for a minute. */
export async function untilEnded(pool) {
  let open = Number.POSITIVE_INFINITY;
  let moved = performance.now();
  for (;;) {
    const { rows } = await pool.query(
      `SELECT count(*) FILTER (WHERE status IN ('QUEUED', 'RUNNING', 'WAITING', 'UNDOING'))::int AS open,
              count(*) FILTER (WHERE status IN ('FAILED', 'CANCELLED'))::int AS failed FROM runs`,
    );
    if (rows[0].failed > 0) throw new Error(`${rows[0].failed} runs failed: the figure would mean nothing.`);
    if (rows[0].open === 0) return;
    if (rows[0].open < open) moved = performance.now();
    if (performance.now() - moved > 60_000) throw new Error(`${rows[0].open} runs are open and none has ended for a minute.`);
    open = rows[0].open;
    await pause(25);
  }
}
