import type pg from 'pg';

/** Commits what `work` did once it has answered; rolls it back when it throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (connection: pg.PoolClient) => Promise<T>): Promise<T> {
  const connection = await pool.connect();
  let broken = false;
  try {
    await connection.query('BEGIN');
    const result = await work(connection);
    await connection.query('COMMIT');
    return result;
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => (broken = true));
    throw error;
  } finally {
    // One that cannot even roll back must not be handed to the next.
    connection.release(broken);
  }
}
