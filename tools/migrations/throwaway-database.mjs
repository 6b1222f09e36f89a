import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Does `work(url)` with an empty database on the same server, dropped afterwards. The role needs CREATEDB. */
export async function withThrowawayDatabase(url, work) {
  const name = `slipway_migrations_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  try {
    const throwaway = new URL(url);
    throwaway.pathname = `/${name}`;
    return await work(throwaway.href);
  } finally {
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  }
}
