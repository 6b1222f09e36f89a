import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Principal, RunStatus } from '@slipway/contracts';
import { Registry, Sealer, engineProvider, systemClock } from '@slipway/engine';
import { portalStores } from '@slipway/persistence';
import { cancelRun, installConfiguration, requestRun } from '@slipway/portal';
import { BullRunQueue, RedisAnnouncements, RedisAnnouncer, openRedis } from '@slipway/queue';
import { createRemoteContent, loadGoldenPath } from '@slipway/templating';
import type { Redis } from 'ioredis';
import { type TestDatabase, createTestDatabase } from '../../libs/persistence/src/testing/test-database.js';
import { until } from '../product/until.js';
import { Reader } from './reader.js';
import { OutsideSystem } from './outside-system.js';
import { providerUnderTest } from './provider-under-test.js';
import type { Stores } from './stores.js';
import { WorkerProcess, type WorkerSettings, sealingKey } from './worker-process.js';

const admin: Principal = { kind: 'client', id: 'bench', team: null, roles: ['admin'] };
/** Redis has 16 databases, and each installation takes one. */
let installations = 0;

/** What BullMQ keeps beside the jobs themselves. */
const ofTheQueue = /:(id|meta|events|marker|stalled|stalled-check|pc|limiter|wait|paused|active|delayed|prioritized|completed|failed|lock)$/;

/**
 * An installation of the product without its doors: requests are made, and histories read, through the portal's use cases
 * in the test's own process; the workers are processes of their own; what they act on is the outside system.
 */
export class Installation {
  readonly outside: OutsideSystem;
  readonly readers = new Map<string, Reader>();
  readonly workers: WorkerProcess[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly redis: Redis,
    private readonly subscriber: Redis,
    private readonly deps: Awaited<ReturnType<typeof useCases>>,
    private readonly settings: WorkerSettings,
    outside: OutsideSystem,
  ) {
    this.outside = outside;
  }

  static async open(stores: Stores): Promise<Installation> {
    const database = await createTestDatabase(stores.postgres.url);
    const redisUrl = `${stores.redis.url}/${(installations += 1) % 16}`;
    const redis = openRedis(redisUrl, { patient: true });
    const subscriber = openRedis(redisUrl, { patient: true });
    const outside = await OutsideSystem.open();
    const folder = await mkdtemp(path.join(stores.home, 'installation-'));
    const config = path.join(folder, 'slipway.yaml');
    await writeFile(config, 'publicUrl: http://127.0.0.1\n');
    const deps = await useCases(database, outside.url, redis, subscriber);
    const settings = { databaseUrl: database.url, redisUrl, outsideUrl: outside.url, folder, config };
    return new Installation(database, redis, subscriber, deps, settings, outside);
  }

  /** Kills what is left of the workers. */
  async close(): Promise<void> {
    for (const worker of this.workers) worker.signal('SIGKILL');
    await Promise.all(this.workers.map((worker) => worker.gone));
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
    this.redis.disconnect();
    this.subscriber.disconnect();
    await this.outside.close();
    await this.database.close().catch(() => undefined);
    await rm(this.settings.folder, { recursive: true, force: true });
  }

  async startWorker(options: Partial<Pick<WorkerSettings, 'newer' | 'clockAheadMs' | 'databaseUrl'>> = {}): Promise<WorkerProcess> {
    const worker = WorkerProcess.spawn({ ...this.settings, ...options });
    this.workers.push(worker);
    await worker.ready();
    return worker;
  }

  worker(pid: number): WorkerProcess {
    const worker = this.workers.find((known) => known.pid === pid);
    if (!worker) throw new Error(`No worker has the process ${pid}.`);
    return worker;
  }

  /** Asks for a run as the api does, and follows its history from then on. Tried again while PostgreSQL is away, as a client would. */
  async request(action: string, name: string): Promise<string> {
    const command = { principal: admin, action, properties: { name }, idempotencyKey: `${action}-${name}` };
    const run = await until(`${action} ${name} is accepted`, () => requestRun(this.deps, command).catch(refusedForGood), 30_000);
    this.readers.set(run.id, new Reader({ ...this.deps, principal: admin, runId: run.id }));
    return run.id;
  }

  async cancel(runId: string): Promise<void> {
    await cancelRun(this.deps, { principal: admin, runId });
  }

  async status(runId: string): Promise<RunStatus> {
    const found = await this.deps.runs.find(runId);
    if (!found) throw new Error(`Run ${runId} is gone.`);
    return found.run.status;
  }

  /** Waits until every run of the installation has ended. */
  async ended(withinMs = 40_000): Promise<void> {
    const open = `SELECT id FROM runs WHERE status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED') LIMIT 1`;
    await until('every run has ended', async () => (await this.database.pool.query(open).catch(() => null))?.rowCount === 0, withinMs);
  }

  /** Puts a job for the run into the queue, once more than anybody asked for. */
  async addJob(runId: string): Promise<void> {
    await new BullRunQueue(this.redis).enqueue(runId);
  }

  /** Jobs in any state: each has a key of its own, beside those of the queue as a whole. */
  async jobs(): Promise<string[]> {
    const keys = await this.redis.keys('bull:*');
    return keys.filter((key) => !ofTheQueue.test(key));
  }
}

async function useCases(database: TestDatabase, outsideUrl: string, redis: Redis, subscriber: Redis) {
  const registry = new Registry([engineProvider(), providerUnderTest({ url: outsideUrl, newer: true })]);
  const announcements = new RedisAnnouncements(subscriber, 'grew');
  const announcer = new RedisAnnouncer(redis);
  // Nobody kicks the relay: those of the workers look by themselves.
  const doors = { announcements, kick: () => undefined, ring: (runId: string) => announcer.ring(runId) };
  const deps = { ...portalStores(database), clock: systemClock, sealer: new Sealer([sealingKey]), registry, remote: createRemoteContent([]), ...doors };
  const templates = await loadGoldenPath(path.join(import.meta.dirname, 'golden-path'));
  await installConfiguration(deps, { clients: [], users: [], templates });
  return deps;
}

/** Null where it is worth asking again: the database was not there. */
function refusedForGood(error: unknown): null {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && ['invalid_input', 'conflict', 'idempotency_conflict', 'not_found'].includes(code)) throw error;
  return null;
}
