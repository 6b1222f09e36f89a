import path from 'node:path';
import process from 'node:process';
import { createTestDatabase } from '@slipway/persistence/testing';
import { withInstance } from '../../tools/run/instance.mjs';
import { serviceAccount } from '../../tools/run/service-account.mjs';
import { startPostgres, startRedis } from '../../tools/run/stores.mjs';
import { dataFolder, makeFolder } from '../../tools/setup/folders.mjs';

/**
 * Does `work({ home, database, redisUrl })` with a database of its own on a PostgreSQL that waits for the disk at every
 * commit, as in production, and an empty Redis. The servers are apart from those of `npm start` and `npm test`.
 */
export function withStores(work) {
  const home = makeFolder(path.join(dataFolder(), 'bench'));
  return withInstance(home, async (instance) => {
    const server = await startPostgres(instance, { account: serviceAccount(), settings: { max_connections: 200, shared_buffers: '256MB' } });
    const redisUrl = await startRedis(instance);
    const given = process.env.DATABASE_URL;
    process.env.DATABASE_URL = server;
    const database = await createTestDatabase();
    try {
      return await work({ home, database, redisUrl });
    } finally {
      await database.drop();
      if (given === undefined) delete process.env.DATABASE_URL;
    }
  });
}
