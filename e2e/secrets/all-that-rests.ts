import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { openRedis } from '@slipway/queue';
import { tables } from '../product/everything-stored.js';
import type { SecretsInstallation } from './installation.js';

/** As text to search, by where it lies: every table, every key of Redis, and every file of both stores, their journals and all logs included. */
export async function allThatRests({ databaseUrl, stores, folder }: SecretsInstallation): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const [table, text] of await tables(databaseUrl)) places.set(`table ${table}`, text);
  for (const [key, text] of await redisKeys(stores.redis.url)) places.set(`redis ${key}`, text);
  for (const [file, text] of [...(await filesBelow(stores.home)), ...(await filesBelow(folder))]) places.set(`file ${file}`, text);
  return places;
}

async function redisKeys(url: string): Promise<[string, string][]> {
  const redis = openRedis(url, { patient: true });
  try {
    const keys = await redis.keys('*');
    return await Promise.all(keys.map(async (key): Promise<[string, string]> => [key, JSON.stringify(await readKey(redis, key))]));
  } finally {
    redis.disconnect();
  }
}

async function readKey(redis: ReturnType<typeof openRedis>, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
}

/** Files come and go while they are listed. */
async function filesBelow(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file): Promise<[string, string]> => [path.relative(folder, file), await readFile(file, 'latin1').catch(() => '')]));
}
