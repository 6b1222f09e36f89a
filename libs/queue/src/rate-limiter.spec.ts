import type { Demand } from '@slipway/engine';
import { exerciseRateLimiter, granted } from '@slipway/engine/testing';
import type { Redis } from 'ioredis';
import { openRedis } from './connection.js';
import { RedisRateLimiter } from './rate-limiter.js';
import { PrivateRedis } from './testing/private-redis.js';

const alone: Demand = { alone: { gapMs: 60_000, leaseMs: 60_000 }, within: [{ name: 'points', most: 1, perMs: 60_000, cost: 1 }] };

describe('the rate limiter on Redis', () => {
  let server: PrivateRedis;
  const connections: Redis[] = [];
  beforeAll(async () => (server = await PrivateRedis.start()));
  afterAll(async () => {
    for (const redis of connections) redis.disconnect();
    await server.kill();
  });

  async function aProcess(): Promise<RedisRateLimiter> {
    const redis = openRedis(server.url);
    connections.push(redis);
    if (redis.status !== 'ready') await new Promise((ready) => redis.once('ready', ready));
    return new RedisRateLimiter(redis);
  }

  describe('within one process', () => {
    let limiter: RedisRateLimiter;
    beforeAll(async () => (limiter = await aProcess()));
    exerciseRateLimiter(() => limiter);
  });

  it('is one for all processes, down to a pause', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    const passes = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).take('shared', alone)));
    expect(passes.filter((pass) => pass.granted)).toHaveLength(1);
    await one.pause('paused', 60_000);
    expect(await other.take('paused', { within: [] })).toMatchObject({ granted: false, because: 'a pause was asked for' });
  });

  it('keeps the pace by itself while Redis is away, without waiting for it', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    granted(await one.take('before', alone));
    await server.kill();
    // What was counted is not known here, and nobody else is asked: each process begins anew.
    granted(await one.take('before', alone));
    granted(await other.take('before', alone));
    expect(await one.take('before', alone)).toMatchObject({ granted: false });
    await one.pause('paused meanwhile', 60_000);
    expect(await one.take('paused meanwhile', { within: [] })).toMatchObject({ because: 'a pause was asked for' });
    // Only now is it back: whoever had waited for it would wait still.
    await server.restart();
  }, 15_000);

  it('does not hang on a Redis that does not answer', async () => {
    const limiter = await aProcess();
    await server.command('CONFIG', 'SET', 'busy-reply-threshold', '60000');
    const stuck = server.command('EVAL', 'local start = redis.call("TIME")[1] while redis.call("TIME")[1] - start < 8 do end return 1', '0');
    const first = await Promise.race([limiter.take('stuck', alone), stuck]);
    expect(first).toMatchObject({ granted: true });
    await stuck;
  }, 30_000);
});
