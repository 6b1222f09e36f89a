import { Worker } from 'node:worker_threads';
import { StepError } from '@slipway/engine';
import type { Rendered, RenderJob } from './render-folder.js';
import type { RenderAnswer } from './render-worker.js';

const memoryMb = 256;

/**
 * Renders a skeleton in a thread of its own, so that no heartbeat of this process waits for it. The thread is ended
 * when `signal` is aborted. Throws `StepError` naming file and expression.
 */
export async function renderSkeleton(job: RenderJob, signal: AbortSignal): Promise<Rendered> {
  signal.throwIfAborted();
  const worker = new Worker(bootstrap(), { workerData: job, resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answer = await answerOf(worker, signal);
    if (answer.ok) return { files: answer.files, warnings: answer.warnings };
    throw new StepError('fatal', answer.code, answer.message, { remedy: 'Correct the skeleton, or the values given to it.' });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

function answerOf(worker: Worker, signal: AbortSignal): Promise<RenderAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: Error & { code?: string }) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error);
      reject(new StepError('fatal', 'skeleton_too_large', `Rendering the skeleton took more than ${memoryMb} MB of memory.`));
    });
    worker.once('exit', (code) =>
      reject(signal.aborted ? (signal.reason as Error) : new Error(`The rendering thread ended early (${code}).`)),
    );
  });
}

/**
 * Compiled, the thread's code lies beside this file. Under a test runner that compiles in memory only the sources do:
 * Node reads them itself, once it is told that `./x.js` is written in `./x.ts`.
 */
function bootstrap(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./render-worker.js', import.meta.url);
  const entry = new URL('./render-worker.ts', import.meta.url).href;
  const source = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier.startsWith('.') ? specifier.replace(/\\.js$/, '.ts') : specifier, context),
    });
    await import(${JSON.stringify(entry)});
  `;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
