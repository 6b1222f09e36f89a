import pg from 'pg';
import { Failure } from '../setup/failure.mjs';

/**
 * Does `work(client)` on a connection of its own to the database at `url`. Rejects as soon as the server ends that
 * connection, even between two statements: what the connection held (a lock) is gone by then.
 */
export async function withConnection(url, work) {
  const client = new pg.Client(url);
  const lost = new Promise((_, reject) => client.on('error', reject));
  lost.catch(() => {});
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(url, error);
  }
  try {
    return await Promise.race([work(client), lost]);
  } finally {
    await client.end();
  }
}

/** The address without its user and password. */
function unreachable(url, error) {
  const { hostname, port, pathname } = URL.parse(url) ?? {};
  const where = hostname ? `${hostname}:${port || 5432}${pathname}` : 'DATABASE_URL';
  return new Failure('P1001', `The database at ${where} cannot be reached: ${error.message}.`, {
    advice: 'Check DATABASE_URL, and that the database it names is running.',
    cause: error,
  });
}
