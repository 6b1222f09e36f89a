import { rmSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { renderFolder, SkeletonFault } from './render-folder.js';
import type { Rendered, RenderJob } from './render-folder.js';

/** What the thread answers to each skeleton. */
export type RenderAnswer = ({ ok: true } & Rendered) | { ok: false; code: string; message: string };

/** A folder to take away. */
export interface Removal {
  remove: string;
}

/** Why it is still there. */
export type RemovalAnswer = Error | null;

// Renderer and values are made anew for each: nothing of one skeleton is there for the next.
parentPort?.on('message', (job: RenderJob | Removal) => parentPort?.postMessage('remove' in job ? takeAway(job) : answer(job)));

function answer(job: RenderJob): RenderAnswer {
  try {
    return { ok: true, ...renderFolder(job) };
  } catch (error) {
    const code = error instanceof SkeletonFault ? error.code : 'skeleton_failed';
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}

function takeAway({ remove }: Removal): RemovalAnswer {
  try {
    rmSync(remove, { recursive: true, force: true });
    return null;
  } catch (error) {
    return error as Error;
  }
}
