import { withConnection } from './connection.mjs';

describe('a connection that the server ends', () => {
  const url = process.env.DATABASE_URL;

  it('ends the work that waits for something else', async () => {
    const waiting = withConnection(url, async (client) => {
      await endSession(client);
      return new Promise(() => {});
    });
    await expect(waiting).rejects.toThrow('terminating connection due to administrator command');
  });

  async function endSession(client) {
    const { rows: [{ pid }] } = await client.query('SELECT pg_backend_pid() AS pid');
    await withConnection(url, (other) => other.query('SELECT pg_terminate_backend($1)', [pid]));
  }
});
