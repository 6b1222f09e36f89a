import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../setup/failure.mjs';
import { withConnection } from './connection.mjs';

/**
 * Ours, and another than Prisma's (72707369): the engine takes that one as well, but gives up after ten seconds, which a
 * second process that starts during a long migration must not.
 */
const LOCK = 5_110_249;
const DEADLINE_MS = 10 * 60_000;

/**
 * Does `work` while no other process migrates the same database. The lock is its connection's, so it ends with us
 * however we end. It is asked for again and again rather than waited for: a waiting statement would hold a snapshot,
 * and so block `CREATE INDEX CONCURRENTLY` in the migration it waits for.
 */
export function withMigrationLock(url, work) {
  return withConnection(url, async (client) => {
    const deadline = performance.now() + DEADLINE_MS;
    while (!(await tryLock(client))) {
      if (performance.now() > deadline) throw tooLong();
      await pause(100);
    }
    return work();
  });
}

async function tryLock(client) {
  const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS held', [LOCK]);
  return rows[0].held;
}

function tooLong() {
  return new Failure('MIGRATION_LOCK_HELD', `Another process has been migrating this database for ${DEADLINE_MS / 60_000} minutes.`, {
    advice: 'Find it in pg_stat_activity and let it finish or end it; then run the command again.',
  });
}
