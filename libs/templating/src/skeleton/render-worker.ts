import { parentPort } from 'node:worker_threads';
import { renderFolder, SkeletonFault } from './render-folder.js';
import type { Rendered, RenderJob } from './render-folder.js';

/** What the thread answers to each job. */
export type RenderAnswer = ({ ok: true } & Rendered) | { ok: false; code: string; message: string };

// Renderer and values are made anew for each: nothing of one skeleton is there for the next.
parentPort?.on('message', (job: RenderJob) => parentPort?.postMessage(answer(job)));

function answer(job: RenderJob): RenderAnswer {
  try {
    return { ok: true, ...renderFolder(job) };
  } catch (error) {
    const code = error instanceof SkeletonFault ? error.code : 'skeleton_failed';
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}
