import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface WorkerSettings {
  databaseUrl: string;
  redisUrl: string;
  outsideUrl: string;
  /** Its log and its working copies go here. */
  folder: string;
  config: string;
  /** Whether it knows the steps of the next release. */
  newer?: boolean;
  clockAheadMs?: number;
}

/** Of every installation of the tests. */
export const sealingKey = 'a sealing key of the specs, and of nothing else';

const startsWithinMs = 110_000;
let started = 0;

/** The product's worker as a process of its own; nobody starts it again when it ends. */
export class WorkerProcess {
  readonly gone: Promise<{ code: number | null; signal: NodeJS.Signals | null; at: number }>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {
    this.gone = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal, at: Date.now() })));
  }

  static spawn(settings: WorkerSettings): WorkerProcess {
    const log = path.join(settings.folder, `worker-${(started += 1)}.log`);
    const output = openSync(log, 'a');
    const child = spawn(process.execPath, ['--no-warnings', path.join(import.meta.dirname, 'worker-under-test.ts')], {
      env: environmentOf(settings),
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    return new WorkerProcess(child, log);
  }

  async ready(): Promise<void> {
    const timeout = AbortSignal.timeout(startsWithinMs);
    const first = await Promise.race([once(this.child, 'message', { signal: timeout }), this.gone]);
    if (!Array.isArray(first)) throw new Error(`A worker ended with ${first.code ?? first.signal} instead of starting: ${await this.lastWords()}`);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.child.kill(signal);
  }

  private async lastWords(): Promise<string> {
    return (await readFile(this.log, 'utf8')).slice(-4_000);
  }
}

function environmentOf(settings: WorkerSettings): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    // Each worker would compile the product's modules anew.
    NODE_COMPILE_CACHE: path.join(settings.folder, '../compiled'),
    DATABASE_URL: settings.databaseUrl,
    REDIS_URL: settings.redisUrl,
    SLIPWAY_CONFIG: settings.config,
    SLIPWAY_KEY: 'env:SEALING_KEY',
    SEALING_KEY: sealingKey,
    SLIPWAY_HOME: settings.folder,
    LOG_LEVEL: 'info',
    OUTSIDE_URL: settings.outsideUrl,
    OUTSIDE_NEWER: settings.newer ? 'yes' : 'no',
    ...(settings.clockAheadMs === undefined ? {} : { CLOCK_AHEAD_MS: String(settings.clockAheadMs) }),
  };
}
