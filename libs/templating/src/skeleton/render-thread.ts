import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { StepError } from '@slipway/engine';
import type { RenderJob } from './render-folder.js';
import type { Removal, RemovalAnswer, RenderAnswer } from './render-worker.js';

const memoryMb = 256;
const restMs = 30_000;

/** Renders that take longer are slow ones, and others do not wait for them. */
const patienceMs = 1_000;

const resting: RenderThread[] = [];
const waiting: ((thread: RenderThread) => void)[] = [];
let alive = 0;

/**
 * One that rests. Where each processor has one at work, the next that comes to rest within a second; else a new one: to start a
 * thread takes several times as long as to render a skeleton.
 */
export async function threadToRender(): Promise<RenderThread> {
  const rested = resting.pop() ?? (alive < availableParallelism() ? undefined : await nextToRest());
  return rested ?? new RenderThread();
}

function nextToRest(): Promise<RenderThread | undefined> {
  return new Promise((resolve) => {
    const give = (thread: RenderThread): void => {
      clearTimeout(patience);
      resolve(thread);
    };
    const patience = setTimeout(() => {
      waiting.splice(waiting.indexOf(give), 1);
      resolve(undefined);
    }, patienceMs);
    waiting.push(give);
  });
}

/**
 * Takes a folder away in such a thread: a busy disk makes whoever does so wait for each file, and by way of the pool of file operations
 * each costs five times as much.
 */
export async function removeFolder(folder: string): Promise<void> {
  const thread = await threadToRender();
  const failure = await thread.remove(folder);
  thread.rest();
  if (failure) throw failure;
}

/** Does one thing at a time. Holds up no exit of this process while it rests, and is ended after 30 s of it. */
export class RenderThread {
  private readonly worker = new Worker(bootstrap(), { resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
  private readonly ended = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor() {
    alive += 1;
    this.worker.once('error', (error: Error & { code?: string }) => this.ended.abort(failureOf(error)));
    this.worker.once('exit', (code) => {
      alive -= 1;
      this.ended.abort(new Error(`The rendering thread ended early (${code}).`));
      this.leave();
    });
  }

  render(job: RenderJob): Promise<RenderAnswer> {
    return this.ask(job);
  }

  remove(folder: string): Promise<RemovalAnswer> {
    return this.ask<Removal, RemovalAnswer>({ remove: folder });
  }

  /** Rejects where the thread ended before it answered. */
  private async ask<Job, Answer>(job: Job): Promise<Answer> {
    clearTimeout(this.timer);
    this.worker.ref();
    this.worker.postMessage(job);
    try {
      const [answer] = (await once(this.worker, 'message', { signal: this.ended.signal })) as [Answer];
      return answer;
    } catch (error) {
      throw this.ended.signal.aborted ? this.ended.signal.reason : error;
    }
  }

  /** Ready for the next skeleton. */
  rest(): void {
    const next = waiting.shift();
    if (next) return next(this);
    this.worker.unref();
    this.timer = setTimeout(() => void this.end(), restMs).unref();
    resting.push(this);
  }

  /** Resolves once nothing of it runs any more. */
  async end(): Promise<void> {
    this.leave();
    await this.worker.terminate();
  }

  private leave(): void {
    clearTimeout(this.timer);
    const at = resting.indexOf(this);
    if (at >= 0) resting.splice(at, 1);
  }
}

function failureOf(error: Error & { code?: string }): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new StepError('fatal', 'skeleton_too_large', `Rendering the skeleton took more than ${memoryMb} MB of memory.`);
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
