import 'reflect-metadata';
import { flushCompileCache } from 'node:module';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import { readEnvironment } from './environment.js';
import type { WorkerOptions } from './worker-options.js';
import { WorkerModule } from './worker.module.js';

/** Whatever hangs by then is left, so that the process is gone within 15 s of the signal, even with Redis or PostgreSQL away. */
const hardExitMs = 14_000;

/** The worker process, from its environment to its exit. `options` are for tests of the very same process. */
export async function startWorker(env: NodeJS.ProcessEnv, options: WorkerOptions = {}): Promise<void> {
  const app = await NestFactory.createApplicationContext(WorkerModule.with(readEnvironment(env), options), { bufferLogs: true });
  app.useLogger(app.get(Logger));

  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), hardExitMs).unref();
    await app.close();
    process.exit();
  }
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.on('disconnect', () => void stop());

  // Otherwise the first process after an installation writes it as it exits: a second of work, of the few that an exit has.
  flushCompileCache();
  process.send?.({ ready: true });
}
