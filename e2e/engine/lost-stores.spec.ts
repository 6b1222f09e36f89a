import { once } from 'node:events';
import { createServer } from 'node:net';
import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';
import type { Stores } from './stores.js';

jest.setTimeout(180_000);

/** A worker that was told to stop is gone by then, whatever is away. */
const goneWithinMs = 15_000;

describe('with a store away', () => {
  let stores: Stores;
  let installation: Installation;
  installationForSuite(async (opened, its) => {
    [installation, stores] = [opened, its];
    await Promise.all([installation.startWorker(), installation.startWorker()]);
  });

  it('Redis killed under load: requests are accepted meanwhile, and everything goes on once it is back', async () => {
    await waiting('redis-killed');
    await requestMany('make', 'redis-killed', 20);
    await until('work is under way', async () => created('redis-killed') >= 10);
    await stores.redis.end('SIGKILL');
    await requestMany('make', 'redis-away', 10);
    await turnAway(stores.redis.url, 100);
    await stores.redis.start();
    installation.outside.isReady = true;
    await installation.ended();
  });

  it('Redis emptied under load: nothing is lost', async () => {
    await waiting('redis-emptied');
    await requestMany('make', 'redis-emptied', 20);
    await until('work is under way', async () => created('redis-emptied') >= 10);
    await installation.redis.flushall();
    installation.outside.isReady = true;
    await installation.ended();
  });

  it('PostgreSQL stopped hard under load, again and again: nothing accepted is lost or doubled', async () => {
    for (const time of ['once', 'twice', 'thrice']) {
      const requested = requestMany('make', `postgres-${time}`, 20);
      await until('work is under way', async () => created(`postgres-${time}`) >= 5);
      await stores.postgres.end('SIGQUIT');
      await stores.postgres.start();
      await requested;
    }
    await installation.ended();
  });

  it('Redis away, a worker with a call in flight is told to stop: it is gone in time, and another goes on', async () => {
    const stayed = await stopInTheMiddle('stopped-without-redis', stores.redis);
    expect(stayed).toBeLessThan(goneWithinMs);
  });

  it('PostgreSQL away, a worker with a call in flight is told to stop: it is gone in time, and another goes on', async () => {
    const stayed = await stopInTheMiddle('stopped-without-postgres', stores.postgres);
    expect(stayed).toBeLessThan(goneWithinMs);
  });

  it('each run has ended as its history says, with nothing doubled and nothing left', async () => {
    await expectLedgerRule(installation);
    await expectNoJobs(installation);
  });

  function requestMany(action: string, name: string, count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => installation.request(action, `${name}-${index}`)));
  }

  /** Runs that ask again and again until the outside system is ready: each time a job that Redis keeps for later. */
  async function waiting(name: string): Promise<void> {
    installation.outside.isReady = false;
    const runIds = await requestMany('wait', `${name}-waiting`, 5);
    const { calls } = installation.outside;
    await until('they wait', async () => runIds.every((id) => calls.some(({ path, runId }) => path === '/ready' && runId === id)));
  }

  /** In Redis's place, until its clients have come so often that those who give up after some times have done so. */
  async function turnAway(url: string, times: number): Promise<void> {
    const { hostname, port } = new URL(url);
    let came = 0;
    const nobody = createServer((client) => {
      came += 1;
      client.destroy();
    }).listen(Number(port), hostname);
    await until(`clients came to Redis ${times} times`, async () => came >= times);
    nobody.close();
    await once(nobody, 'close');
  }

  function created(name: string): number {
    return [...installation.outside.things.keys()].filter((thing) => thing.startsWith(name)).length;
  }

  /** How long the worker stayed. */
  async function stopInTheMiddle(name: string, store: Stores['redis']): Promise<number> {
    const { outside } = installation;
    const held = outside.holdAnswers(({ method, path }) => method === 'POST' && path === `/things/${name}.second`);
    await installation.request('make', name);
    const { pid } = await held.reached;
    await store.end(store === stores.postgres ? 'SIGQUIT' : 'SIGKILL');
    const told = Date.now();
    const worker = installation.worker(pid);
    worker.signal('SIGTERM');
    const { at } = await worker.gone;
    await store.start();
    await installation.startWorker();
    held.release();
    await installation.ended();
    return at - told;
  }
});
