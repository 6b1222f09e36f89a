import { setFlagsFromString } from 'node:v8';
import { startSandbox } from './start-sandbox.js';
import { readConfig } from './core/config.js';

// Left alone, V8 lets the heap of a full sandbox grow to five times what it holds; it stands on laptops beside much else. Kept to the
// tenth more that saving memory means by itself, half of the work under load is to collect it: so it may grow to twice what it holds.
setFlagsFromString('--optimize-for-size');
setFlagsFromString('--heap-growing-percent=100');

const STOP_WITHIN_MS = 2_800;

await main();

async function main(): Promise<void> {
  try {
    const sandbox = await startSandbox(readConfig(process.env));
    const stop = stopOnce(() => sandbox.stop());
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    // The parent died: nobody is left who could stop us.
    process.once('disconnect', stop);
    console.log(`sandbox ready: ${Object.entries(sandbox.urls).map(([name, url]) => `${name} ${url}`).join(', ')}`);
    process.send?.({ ready: true });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function stopOnce(stop: () => Promise<void>): () => void {
  let stopping = false;
  return () => {
    if (stopping) return;
    stopping = true;
    // Whatever hangs must not keep a port or a folder in use.
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('The sandbox did not stop cleanly:', error);
        process.exit(1);
      },
    );
  };
}
