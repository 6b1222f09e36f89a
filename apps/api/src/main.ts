import 'reflect-metadata';
import { createApp } from './create-app.js';
import { readEnvironment } from './environment.js';
import { openRuntime } from './open-runtime.js';

/** However much hangs, a process that was told to go is gone by then. */
const shutdownMs = 15_000;

const environment = readEnvironment(process.env);
const opened = await openRuntime(environment, (reason) => void shutDown(reason, 1));
const { runtime } = opened;
const { log } = runtime;
const app = await createApp(runtime);

process.once('SIGTERM', () => void shutDown('SIGTERM'));
process.once('SIGINT', () => void shutDown('SIGINT'));
// Started by a supervisor that is gone: nobody else would stop us.
process.once('disconnect', () => void shutDown('the supervisor went away'));

await app.listen(environment.PORT, environment.HOST);
log.info({ url: runtime.publicUrl, host: environment.HOST, port: environment.PORT }, 'the api is listening');
process.send?.({ ready: true });

async function shutDown(reason: string, exitCode = 0): Promise<void> {
  log[exitCode === 0 ? 'info' : 'fatal']({ reason }, 'shutting down');
  setTimeout(() => {
    log.error(`not closed after ${shutdownMs} ms: leaving`);
    process.exit(1);
  }, shutdownMs).unref();
  try {
    await app.close();
    await opened.close();
    process.exit(exitCode);
  } catch (error) {
    log.error({ err: error }, 'shutting down failed');
    process.exit(1);
  }
}
