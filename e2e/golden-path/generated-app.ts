import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { until } from '../product/until.js';

/** A generated service as a process of its own, served by gunicorn as its image does it. */
export class GeneratedApp {
  readonly #output: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()));
  }

  /** Returns once it answers; it need not be ready by then. */
  static async start(python: string, folder: string, port: number, env: Record<string, string>): Promise<GeneratedApp> {
    const child = spawn(python, ['-m', 'gunicorn', 'wsgi:app'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1', BIND: `127.0.0.1:${port}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const app = new GeneratedApp(child, port);
    await until('the generated app answers', async () => {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${app.output}`);
      return (await app.get('/healthz').catch(() => 0)) === 200;
    }, 20_000).catch(async (error: unknown) => {
      await app.stop();
      throw error;
    });
    return app;
  }

  get output(): string {
    return this.#output.join('');
  }

  /** The status of the answer. A connection of its own for each: what is measured is the app, not who keeps a socket longer. */
  get(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port: this.port, path, agent: false, timeout: 10_000 }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        })
        .on('timeout', function (this: http.ClientRequest) {
          this.destroy(new Error('no answer within 10 s'));
        })
        .on('error', reject);
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }
}

/** Requests at a steady pace, whatever becomes of those before, until stopped. */
export class SteadyLoad {
  readonly failures: string[] = [];
  sent = 0;
  #stopped = false;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #loop: Promise<void>;

  constructor(
    private readonly app: GeneratedApp,
    private readonly path: string,
    perSecond: number,
  ) {
    this.#loop = this.#send(1_000 / perSecond);
  }

  /** Returns once every request sent has been answered or has failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await Promise.all(this.#inFlight);
  }

  async #send(everyMs: number): Promise<void> {
    const startedAt = performance.now();
    while (!this.#stopped) {
      this.sent += 1;
      const request = this.#one().finally(() => this.#inFlight.delete(request));
      this.#inFlight.add(request);
      await setTimeout(Math.max(startedAt + this.sent * everyMs - performance.now(), 0));
    }
  }

  async #one(): Promise<void> {
    const status = await this.app.get(this.path).catch((error: Error) => error.message);
    if (status !== 200) this.failures.push(`${new Date().toISOString()} ${status}`);
  }
}
