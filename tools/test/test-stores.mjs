import path from 'node:path';
import { dataFolder, makeFolder } from '../setup/folders.mjs';
import { withInstance } from '../run/instance.mjs';
import { dropOtherDatabases } from '../run/postgres/database.mjs';
import { serviceAccount } from '../run/service-account.mjs';
import { startPostgres, startRedis } from '../run/stores.mjs';

/** PostgreSQL without waiting for the disk: a crash of the machine is not what tests prove. */
const FAST = { fsync: 'off', max_connections: 400 };

/**
 * Does `work({ home, databaseUrl, redisUrl })` with PostgreSQL and, where asked for, Redis in `test/` of the data
 * folder, apart from what `npm start` runs. The role of `databaseUrl` may create databases.
 */
export function withTestStores(work, { redis = true } = {}) {
  const home = makeFolder(path.join(dataFolder(), 'test'));
  return withInstance(home, async (instance) => {
    const databaseUrl = await startPostgres(instance, { account: serviceAccount(), settings: FAST });
    if (!process.env.DATABASE_URL) await dropOtherDatabases(databaseUrl);
    const redisUrl = redis ? await startRedis(instance) : undefined;
    return work({ home, databaseUrl, redisUrl });
  });
}
