import { parentPort, workerData } from 'node:worker_threads';
import { renderFolder, SkeletonFault } from './render-folder.js';
import type { Rendered, RenderJob } from './render-folder.js';

/** What the thread answers, once. */
export type RenderAnswer = ({ ok: true } & Rendered) | { ok: false; code: string; message: string };

// The thread lives for one skeleton: whatever a template does to its memory or its time ends with it.
parentPort?.postMessage(answer(workerData as RenderJob));

function answer(job: RenderJob): RenderAnswer {
  try {
    return { ok: true, ...renderFolder(job) };
  } catch (error) {
    const code = error instanceof SkeletonFault ? error.code : 'skeleton_failed';
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}
