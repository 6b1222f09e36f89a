import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../setup/failure.mjs';
import { tailOf } from '../setup/run-command.mjs';
import { sendSignal } from './process-identity.mjs';
import { serviceLog } from './spawn-service.mjs';

const ATTEMPTS_AT_START = 3;
const READY_WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A service that ran this long is not in a crash loop: its next restart is immediate again. */
const STEADY_AFTER_MS = 30_000;
const GRACE_MS = 15_000;

/**
 * Keeps one service running: starts it, waits until it is ready, starts it again with growing pauses when it ends by
 * itself, and stops it. A service is `{ name, launch(): Promise<{ child, ready: Promise }>, stopSignal? }`.
 */
export class SupervisedService {
  #service;
  #home;
  #observe;
  #graceMs;
  #child;
  #stopping = new AbortController();
  #loop;

  /** `observe(event)` hears `{ type: 'spawned' | 'ready' | 'lost' | 'failed', name, pid?, reason? }`. */
  constructor(service, { home, observe = () => {}, graceMs = GRACE_MS }) {
    this.#service = service;
    this.#graceMs = graceMs;
    this.#home = home;
    this.#observe = (type, facts) => observe({ type, name: service.name, ...facts });
  }

  get name() {
    return this.#service.name;
  }

  /** The process as it is now, or undefined between two. */
  get pid() {
    return this.#child?.pid;
  }

  /** Answers when the service is ready for the first time; throws a Failure when several attempts ended before that. */
  async start() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#launchUntilReady();
        break;
      } catch (error) {
        if (this.#stopping.signal.aborted) throw error;
        if (attempt === ATTEMPTS_AT_START) throw this.#failure(error);
        await this.#pause(FIRST_PAUSE_MS * attempt);
      }
    }
    this.#loop = this.#keepRunning();
  }

  /** Asks it to end, and after the grace period ends it. `atOnce` skips the asking. */
  async stop({ atOnce = false } = {}) {
    this.#stopping.abort();
    const child = this.#child;
    if (child && isRunning(child)) {
      const exited = once(child, 'exit');
      sendSignal(child.pid, atOnce ? 'SIGKILL' : (this.#service.stopSignal ?? 'SIGTERM'));
      const timer = setTimeout(() => killGroup(child.pid), this.#graceMs);
      await exited;
      clearTimeout(timer);
    }
    await this.#loop;
  }

  async #launchUntilReady() {
    const { child, ready } = await this.#service.launch();
    ready.catch(() => {});
    this.#child = child;
    this.#observe('spawned', { pid: child.pid });
    if (this.#stopping.signal.aborted) killGroup(child.pid);
    const ended = whenEnded(child).then((reason) => { throw new Error(`it ended (${reason}) before it was ready`); });
    ended.catch(() => {});
    try {
      await Promise.race([ready.then(() => { if (!isRunning(child)) return ended; }), ended, tooLate(child)]);
    } catch (error) {
      killGroup(child.pid);
      await whenEnded(child);
      throw error;
    }
    this.#observe('ready', { pid: child.pid });
  }

  async #keepRunning() {
    let pauseMs = 0;
    while (!this.#stopping.signal.aborted) {
      const since = performance.now();
      const reason = await whenEnded(this.#child);
      if (this.#stopping.signal.aborted) return;
      this.#observe('lost', { pid: this.#child.pid, reason });
      if (performance.now() - since > STEADY_AFTER_MS) pauseMs = 0;
      pauseMs = await this.#relaunch(pauseMs);
    }
  }

  async #relaunch(firstPauseMs) {
    let pauseMs = firstPauseMs;
    while (!this.#stopping.signal.aborted) {
      await this.#pause(pauseMs);
      pauseMs = Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      if (this.#stopping.signal.aborted) break;
      try {
        await this.#launchUntilReady();
        break;
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#observe('failed', { reason: error.message });
      }
    }
    return pauseMs;
  }

  async #pause(milliseconds) {
    await pause(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  #failure(error) {
    const logFile = serviceLog(this.#home, this.name);
    return new Failure('SERVICE_NOT_STARTED', `${this.name} did not start: ${error.message}.`, {
      logFile,
      tail: tailOf(logFile),
      advice: 'Correct what the lines above name and run the command again.',
      cause: error,
    });
  }
}

function isRunning(child) {
  return child.exitCode === null && child.signalCode === null;
}

async function whenEnded(child) {
  if (isRunning(child)) await once(child, 'exit');
  return child.signalCode ?? `status ${child.exitCode}`;
}

async function tooLate(child) {
  const done = new AbortController();
  child.once('exit', () => done.abort());
  await pause(READY_WITHIN_MS, undefined, { ref: false, signal: done.signal }).catch(() => new Promise(() => {}));
  throw new Error(`it was not ready within ${READY_WITHIN_MS / 1000} s`);
}

/** With the programs it started: each service leads a group of its own. */
function killGroup(pid) {
  sendSignal(-pid, 'SIGKILL');
}
