import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once no run is open any more; throws when one ended badly or nothing has ended for a minute. */
export async function untilEnded(pool) {
  let ended = -1;
  let moved = performance.now();
  while (await isOneOpen(pool)) {
    await pause(50);
    if (performance.now() - moved < 60_000) continue;
    const before = ended;
    ended = await count(pool, 'SUCCEEDED');
    if (ended === before) throw new Error('Runs are open and none has ended for a minute.');
    moved = performance.now();
  }
  const failed = (await count(pool, 'FAILED')) + (await count(pool, 'CANCELLED'));
  if (failed > 0) throw new Error(`${failed} runs failed: the figure would mean nothing.`);
}

/** Cheap however many have ended: asking must not be the load. */
async function isOneOpen(pool) {
  for (const status of ['QUEUED', 'RUNNING', 'WAITING', 'UNDOING']) {
    const { rows } = await pool.query({ name: 'bench-open', text: 'SELECT 1 FROM runs WHERE status = $1 LIMIT 1', values: [status] });
    if (rows.length > 0) return true;
  }
  return false;
}

async function count(pool, status) {
  const { rows } = await pool.query('SELECT count(*)::int AS runs FROM runs WHERE status = $1', [status]);
  return rows[0].runs;
}
