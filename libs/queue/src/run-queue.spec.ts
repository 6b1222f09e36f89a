import { openRedis } from './connection.js';
import { BullRunQueue } from './run-queue.js';
import { PrivateRedis } from './testing/private-redis.js';

describe('the queue of runs', () => {
  let server: PrivateRedis;
  beforeAll(async () => (server = await PrivateRedis.start()));
  afterAll(() => server.kill());

  it('serves whoever opened it while Redis did not answer, once it does', async () => {
    const redis = openRedis(server.url);
    if (redis.status !== 'ready') await new Promise((ready) => redis.once('ready', ready));
    // Redis answers nobody for longer than a command waits.
    redis.options.commandTimeout = 100;
    await server.command('CLIENT', 'PAUSE', '60000', 'ALL');
    const queue = new BullRunQueue(redis);
    await expect(queue.backlog()).rejects.toThrow('Command timed out');
    await server.restart();
    if (redis.status !== 'ready') await new Promise((ready) => redis.once('ready', ready));
    redis.options.commandTimeout = 20_000;
    await queue.enqueueAll(['r_1']);
    expect(await queue.backlog()).toBe(1);
    await queue.close();
    redis.disconnect();
  });
});
