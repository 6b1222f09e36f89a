import { ensureRedisProgram, redisVersion } from '../setup/redis-program.mjs';
import { stage } from '../setup/stage.mjs';
import { preparePostgres } from './postgres/postgres.mjs';
import { prepareRedis } from './redis.mjs';

/** PostgreSQL: the one of DATABASE_URL, or one of our own, started. Answers its URL. */
export function startPostgres(instance, { account, settings } = {}) {
  return stage('PostgreSQL', async (note) => {
    if (process.env.DATABASE_URL) {
      note('the one of DATABASE_URL');
      return process.env.DATABASE_URL;
    }
    const { url, port, service } = await preparePostgres({ home: instance.home, account, settings });
    await instance.start(service);
    note(`127.0.0.1:${port}`);
    return url;
  });
}

/** Redis: the one of REDIS_URL, or one of our own, found or installed, and started. Answers its URL. */
export function startRedis(instance) {
  return stage('Redis', async (note) => {
    if (process.env.REDIS_URL) {
      note('the one of REDIS_URL');
      return process.env.REDIS_URL;
    }
    const program = await ensureRedisProgram();
    const { url, port, service } = await prepareRedis({ home: instance.home, program });
    await instance.start(service);
    note(`127.0.0.1:${port}  ${redisVersion(program)}`);
    return url;
  });
}
