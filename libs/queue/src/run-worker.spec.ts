import { openRedis } from './connection.js';
import { BullRunQueue } from './run-queue.js';
import { RunWorker } from './run-worker.js';
import { PrivateRedis } from './testing/private-redis.js';

describe('the worker’s end of the queue', () => {
  let server: PrivateRedis;
  beforeAll(async () => (server = await PrivateRedis.start()));
  afterAll(() => server.kill());
  beforeEach(() => server.restart());

  function start() {
    const redis = openRedis(server.url);
    const patient = openRedis(server.url, { patient: true });
    const queue = new BullRunQueue(redis);
    const begun = Promise.withResolvers<string>();
    const finish = Promise.withResolvers<void>();
    const worker = new RunWorker({
      redis: patient,
      concurrency: 2,
      advance: (runId) => {
        begun.resolve(runId);
        return finish.promise;
      },
      onError: () => undefined,
      onEnded: () => undefined,
      onDrained: () => undefined,
    });
    const close = async (): Promise<void> => {
      await queue.close();
      patient.disconnect();
      redis.disconnect();
    };
    return { redis, queue, worker, begun: begun.promise, finish: finish.resolve, close };
  }

  it('waits for the run at hand when it is told to stop', async () => {
    const { redis, queue, worker, begun, finish, close } = start();
    await ready(redis);
    await queue.enqueue('r_1');
    expect(await begun).toBe('r_1');
    let stopped = false;
    const stop = worker.stop().then(() => (stopped = true));
    await redis.ping();
    expect(stopped).toBe(false);
    finish();
    await stop;
    expect(await queue.backlog()).toBe(0);
    await close();
  });

  it('leaves no job behind, and no long wait in Redis', async () => {
    const { redis, queue, worker, begun, finish, close } = start();
    await ready(redis);
    finish();
    await queue.enqueue('r_long', 31_000);
    await queue.enqueueAll(['r_1']);
    await begun;
    await worker.stop();
    const keys = (await redis.keys('bull:slipway-runs:*')).filter((key) => !/:(meta|id|events|stalled-check|marker)$/.test(key));
    expect(keys).toEqual([]);
    await close();
  });
});

async function ready(redis: ReturnType<typeof openRedis>): Promise<void> {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
}
