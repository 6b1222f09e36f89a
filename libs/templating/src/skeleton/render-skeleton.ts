import { StepError } from '@slipway/engine';
import pLimit from 'p-limit';
import type { Rendered, RenderJob } from './render-folder.js';
import { type RenderThread, threadToRender } from './render-thread.js';

/** More than can be at work at once, so that a few slow skeletons do not stop the others. */
const atOnce = pLimit(8);

/**
 * Renders a skeleton in another thread, so that no heartbeat of this process waits for it. The thread is ended when `signal`
 * is aborted. Throws `StepError` naming file and expression.
 */
export async function renderSkeleton(job: RenderJob, signal: AbortSignal): Promise<Rendered> {
  const answer = await atOnce(async () => {
    signal.throwIfAborted();
    return renderIn(await threadToRender(), job, signal);
  });
  if (answer.ok) return { files: answer.files, warnings: answer.warnings };
  throw new StepError('fatal', answer.code, answer.message, { remedy: 'Correct the skeleton, or the values given to it.' });
}

async function renderIn(thread: RenderThread, job: RenderJob, signal: AbortSignal) {
  if (signal.aborted) thread.rest();
  signal.throwIfAborted();
  const stop = () => void thread.end();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answer = await thread.render(job);
    thread.rest();
    return answer;
  } catch (error) {
    // Before whatever it wrote is taken away.
    await thread.end();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
