import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from '../product/until.js';

const tools = path.join(import.meta.dirname, '../../tools');

interface Service {
  launch(): Promise<{ child: ChildProcess; ready: Promise<void> }>;
}

/** One of the two stores, as a process that a test may end in any way and start again with what it kept. */
export class Store {
  private child: ChildProcess | null = null;

  constructor(
    readonly url: string,
    private readonly service: Service,
  ) {}

  async start(): Promise<void> {
    const { child, ready } = await this.service.launch();
    this.child = child;
    await ready;
    if (child.exitCode !== null) throw new Error(`A store ended with ${child.exitCode} instead of starting; its log lies beside its data.`);
  }

  /** Resolves once it is gone. SIGQUIT is PostgreSQL's immediate shutdown. */
  async end(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGINT' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

export interface Stores {
  home: string;
  postgres: Store;
  redis: Store;
  stop(): Promise<void>;
}

/** A PostgreSQL and a Redis of this test alone, brought up by the tools that `npm start` uses. */
export async function startStores(): Promise<Stores> {
  const { temporaryHome } = await tool<{ temporaryHome: () => { home: string; remove: () => void } }>('run/fixtures/temporary-home.mjs');
  const { serviceAccount } = await tool<{ serviceAccount: () => object | undefined }>('run/service-account.mjs');
  const { preparePostgres } = await tool<Prepares>('run/postgres/postgres.mjs');
  const { prepareRedis } = await tool<Prepares>('run/redis.mjs');
  const { ensureRedisProgram } = await tool<{ ensureRedisProgram: () => Promise<string> }>('setup/redis-program.mjs');

  const { home, remove } = temporaryHome();
  const forPostgres = await preparePostgres({ home, account: serviceAccount(), settings: { fsync: 'off' } });
  const forRedis = await prepareRedis({ home, program: await ensureRedisProgram() });
  const postgres = new Store(forPostgres.url, forPostgres.service);
  const redis = new Store(forRedis.url, forRedis.service);
  const stop = async (): Promise<void> => {
    await Promise.all([postgres.end('SIGQUIT'), redis.end('SIGKILL')]);
    await until('the folder of the stores is gone', async () => {
      try {
        remove();
        return true;
      } catch {
        // A server process that is on its last breath may still write there.
        return false;
      }
    }, 10_000);
  };
  try {
    await Promise.all([postgres.start(), redis.start()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { home, postgres, redis, stop };
}

type Prepares = Record<'preparePostgres' | 'prepareRedis', (options: object) => Promise<{ url: string; service: Service }>>;

async function tool<T>(file: string): Promise<T> {
  return (await import(path.join(tools, file))) as T;
}
