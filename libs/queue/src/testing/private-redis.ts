import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';

/** A Redis of one spec's own, without anything on disk: to be filled, flushed, reconfigured, stopped and started again. */
export class PrivateRedis {
  readonly url: string;
  private child: ChildProcess | null = null;

  private constructor(
    private readonly program: string,
    private readonly port: number,
  ) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(): Promise<PrivateRedis> {
    const { ensureRedisProgram } = (await import(tool)) as { ensureRedisProgram: () => Promise<string> };
    const redis = new PrivateRedis(await ensureRedisProgram(), await freePort());
    await redis.restart();
    return redis;
  }

  /** Empty again, on the same address. */
  async restart(): Promise<void> {
    await this.kill();
    this.child = spawn(this.program, ['--bind', '127.0.0.1', '--port', String(this.port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    await this.command('PING');
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: 500 });
    client.on('error', () => undefined);
    try {
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }
}

const tool = path.join(import.meta.dirname, '../../../../tools/setup/redis-program.mjs');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
