import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { RedisAnnouncements, RedisAnnouncer } from './announcements.js';
import { openRedis } from './connection.js';
import { PrivateRedis } from './testing/private-redis.js';

describe('announcements', () => {
  let server: PrivateRedis;
  beforeAll(async () => (server = await PrivateRedis.start()));
  afterAll(() => server.kill());

  const opened: Redis[] = [];
  const open = (options?: { patient: boolean }): Redis => {
    const redis = openRedis(server.url, options);
    opened.push(redis);
    return redis;
  };
  afterEach(() => opened.splice(0).forEach((redis) => redis.disconnect()));

  it('reach who listens for that run and topic, also after Redis was away', async () => {
    const subscriber = open({ patient: true });
    const announcer = new RedisAnnouncer(open());
    const heard: string[] = [];
    const grew = new RedisAnnouncements(subscriber, 'grew');
    const told = new RedisAnnouncements(subscriber, 'told');
    grew.subscribe('r_1', () => heard.push('grew 1'));
    told.subscribe('r_1', () => heard.push('told 1'));
    const leave = told.subscribe('r_2', () => heard.push('told 2'));

    await until(() => announcer.ring('r_1'), () => heard.includes('told 1'));
    expect(new Set(heard)).toEqual(new Set(['told 1']));
    await until(() => announcer.ring('r_2'), () => heard.includes('told 2'));
    leave();
    heard.length = 0;
    announcer.ring('r_2');
    await until(() => announcer.announce('r_1'), () => heard.includes('grew 1'));
    expect(new Set(heard)).toEqual(new Set(['grew 1']));

    // What is urgent goes at once, and takes along what was gathered.
    const order: string[] = [];
    for (const runId of ['r_3', 'r_4']) grew.subscribe(runId, () => order.push(runId));
    told.subscribe('r_5', () => order.push('told r_5'));
    announcer.announce('r_3');
    announcer.announce('r_4', true);
    announcer.ring('r_5');
    await until(() => undefined, () => order.includes('told r_5'));
    expect(order).toEqual(['r_3', 'r_4', 'told r_5']);

    await server.restart();
    heard.length = 0;
    await until(() => announcer.ring('r_1'), () => heard.includes('told 1'));
  }, 15_000);

  it('of what grows all the time come 40 times a second at most, and the last of it is told of too', async () => {
    const subscriber = open({ patient: true });
    const announcer = new RedisAnnouncer(open());
    const heard = new Set<string>();
    const grew = new RedisAnnouncements(subscriber, 'grew');
    for (const runId of ['r_1', 'r_2', 'r_3']) grew.subscribe(runId, () => heard.add(runId));
    await until(() => announcer.announce('r_1'), () => heard.has('r_1'));

    let messages = 0;
    subscriber.on('message', () => (messages += 1));
    const begun = performance.now();
    while (performance.now() - begun < 200) {
      announcer.announce('r_2');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const most = (performance.now() - begun) / 20 + 2;
    announcer.announce('r_3');
    await until(() => undefined, () => heard.has('r_3'));
    expect(messages).toBeLessThanOrEqual(most);
  }, 15_000);
});

/** Says it again until it is heard: nobody tells when a subscription has begun. */
async function until(say: () => void, heard: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !heard(); await pause(20)) {
    if (Date.now() > deadline) throw new Error('Nothing was heard.');
    say();
  }
}
