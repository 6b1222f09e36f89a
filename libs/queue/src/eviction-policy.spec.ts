import type { Redis } from 'ioredis';
import { openRedis } from './connection.js';
import { EvictingRedis, guardAgainstEviction } from './eviction-policy.js';
import { PrivateRedis } from './testing/private-redis.js';

describe('a Redis that may drop keys', () => {
  let server: PrivateRedis;
  const open: Redis[] = [];
  beforeAll(async () => (server = await PrivateRedis.start()));
  afterAll(() => server.kill());
  beforeEach(() => server.restart());
  afterEach(() => open.splice(0).forEach((redis) => redis.disconnect()));

  function guarded(url = server.url) {
    const redis = openRedis(url);
    open.push(redis);
    const warnings: string[] = [];
    const refused = Promise.withResolvers<EvictingRedis>();
    const first = guardAgainstEviction(redis, { warn: (message) => warnings.push(message), refuse: refused.resolve });
    return { first, warnings, refused: refused.promise };
  }

  it('is taken as it is with noeviction', async () => {
    const { first, warnings } = guarded();
    await first;
    expect(warnings).toEqual([]);
  });

  it.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl'])('is refused with %s, and told what to set', async (policy) => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', policy);
    await expect(guarded().first).rejects.toThrow(new RegExp(`"${policy}".* Set maxmemory-policy to noeviction`));
  });

  it('is refused when it comes back with another policy', async () => {
    const { first, refused } = guarded();
    await first;
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    expect(await refused).toBeInstanceOf(EvictingRedis);
  });

  it('is looked at once it is there, if it was away at the start', async () => {
    await server.kill();
    const { first, refused } = guarded();
    await first;
    await server.restart();
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    expect(await refused).toBeInstanceOf(EvictingRedis);
  });

  it('is warned of where a managed service hides it', async () => {
    await server.command('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-info');
    const { first, warnings } = guarded(server.url.replace('//', '//limited:secret@'));
    await first;
    expect(warnings).toEqual([expect.stringContaining('noeviction')]);
  });
});
