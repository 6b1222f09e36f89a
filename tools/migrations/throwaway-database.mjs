import { randomBytes } from 'node:crypto';
import { withConnection } from './connection.mjs';

/** Does `work(url)` with an empty database on the same server, dropped afterwards. The role needs CREATEDB. */
export function withThrowawayDatabase(url, work) {
  const name = `slipway_migrations_${randomBytes(6).toString('hex')}`;
  return withConnection(url, async (client) => {
    await client.query(`CREATE DATABASE ${name}`);
    try {
      const throwaway = new URL(url);
      throwaway.pathname = `/${name}`;
      return await work(throwaway.href);
    } finally {
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });
}
