import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { PostgresOutbox } from '@slipway/persistence';
import { BullRunQueue, RedisAnnouncements, Relay, openRedis } from '@slipway/queue';

/**
 * Does `work({ pid, kick, grew })` beside one worker process: the product's own, with the benchmark's steps added. `kick` does
 * what the api does once it has accepted a request; `grew` tells who follows a run that there is more to read.
 */
export async function withWorker({ home, database, redisUrl, concurrency }, work) {
  const config = path.join(home, 'slipway.yaml');
  writeFileSync(config, 'publicUrl: http://127.0.0.1:3000\nintegrations: {}\n');
  const worker = fork(path.join(import.meta.dirname, 'worker.mjs'), {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      SLIPWAY_CONFIG: config,
      SLIPWAY_KEY: 'env:SEALING_KEY',
      SEALING_KEY: 'the benchmarks seal nothing with this key',
      SLIPWAY_HOME: home,
      SLIPWAY_WORKER_CONCURRENCY: String(concurrency),
      LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
      ...(process.env.BENCH_WORKER_OPTIONS ? { NODE_OPTIONS: process.env.BENCH_WORKER_OPTIONS } : {}),
    },
    execArgv: [],
  });
  // Listened to from the beginning: a worker that cannot even start is gone before the rest is open.
  const ready = Promise.race([once(worker, 'message'), once(worker, 'exit').then(([code]) => Promise.reject(new Error(`The worker ended with ${code} before it was ready.`)))]);
  ready.catch(() => undefined);
  const api = await openApiSide(database, redisUrl, concurrency);
  try {
    await ready;
    return await work({ pid: worker.pid, kick: (newRun) => api.relay.kick(newRun), grew: api.grew });
  } finally {
    await api.close();
    if (worker.exitCode === null) {
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    }
  }
}

async function openApiSide(database, redisUrl, concurrency) {
  const redis = openRedis(redisUrl);
  if (redis.status !== 'ready') await once(redis, 'ready');
  await redis.flushall();
  const queue = new BullRunQueue(redis);
  const relay = new Relay(new PostgresOutbox(database.pool), queue, { window: 2 * concurrency, onError: (error) => console.error(error) });
  relay.start();
  const subscriber = openRedis(redisUrl, { patient: true });
  return {
    relay,
    grew: new RedisAnnouncements(subscriber, 'grew'),
    async close() {
      await relay.stop();
      await queue.close();
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
