import type { Clock } from './ports/clock.js';
import { StepError } from './step-error.js';

const failuresToOpen = 5;
const firstPauseMs = 10_000;
const longestPauseMs = 60_000;
/** While a probe is out, the others look again after so long or some more. */
const probeLookMs = 1_000;

export interface IntegrationState {
  name: string;
  breaker: 'closed' | 'open' | 'probing';
  /** When an open breaker lets a probe through. */
  until: Date | null;
  calling: number;
  waiting: number;
}

/** Not to be called now, and for how long. */
export interface Held {
  afterMs: number;
  reason: string;
}

/** One call that may be made: `begin` before it, `end` after it, whatever came of it. */
export interface Turn {
  /** Waits for a slot. Answers why the call must not be made after all, or null; rejects with the signal's reason. */
  begin(signal: AbortSignal): Promise<Held | null>;
  /** Gives the slot back and tells the breaker. `null`: nothing is known, the call was broken off or never made. */
  end(outcome: 'answered' | StepError | null): void;
}

/**
 * One outside system as this process calls it: so many calls at the same time, and none for a while once it has failed
 * again and again. After the pause one call at a time probes; an answer, even a refusal, closes the breaker again.
 */
export class Integration {
  private calling = 0;
  private readonly line: Array<() => void> = [];
  private failures = 0;
  private pauseMs = firstPauseMs;
  /** Null: the breaker is closed. In the past: it is time for a probe. */
  private openUntil: Date | null = null;
  private probe: object | null = null;

  constructor(
    readonly name: string,
    private readonly atOnce: number,
    private readonly clock: Clock,
  ) {}

  /** A turn, or why there is none now. Whoever gets a turn must end it. */
  enter(): Turn | Held {
    const held = this.held();
    if (held) return held;
    const me = {};
    if (this.openUntil) this.probe = me;
    let hasSlot = false;
    let ended = false;
    return {
      begin: async (signal) => {
        await this.slot(signal);
        hasSlot = true;
        return this.probe === me ? null : this.held();
      },
      end: (outcome) => {
        if (ended) return;
        ended = true;
        if (outcome) this.learn(outcome);
        if (this.probe === me) this.probe = null;
        if (hasSlot) this.leave();
      },
    };
  }

  state(): IntegrationState {
    const open = this.openUntil !== null && this.openUntil > this.clock.now();
    const breaker = this.openUntil === null ? 'closed' : open ? 'open' : 'probing';
    return { name: this.name, breaker, until: open ? this.openUntil : null, calling: this.calling, waiting: this.line.length };
  }

  private held(): Held | null {
    if (!this.openUntil) return null;
    const now = this.clock.now();
    if (this.openUntil > now) {
      const reason = `${this.name} failed ${this.failures} times in a row; it is tried again at ${clockTime(this.openUntil)}.`;
      const pause = this.openUntil.getTime() - now.getTime();
      return { afterMs: pause + some(pause), reason };
    }
    if (!this.probe) return null;
    return { afterMs: probeLookMs + some(2 * probeLookMs), reason: `${this.name} failed again and again; one call is finding out whether it is back.` };
  }

  private async slot(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.calling < this.atOnce) {
      this.calling += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leaveLine = (): void => {
        this.line.splice(this.line.indexOf(takeOver), 1);
        reject(signal.reason as Error);
      };
      const takeOver = (): void => {
        signal.removeEventListener('abort', leaveLine);
        resolve();
      };
      this.line.push(takeOver);
      signal.addEventListener('abort', leaveLine, { once: true });
    });
  }

  /** The slot goes to the first in line, so `calling` stays; without a line it is free. */
  private leave(): void {
    const next = this.line.shift();
    if (next) next();
    else this.calling -= 1;
  }

  private learn(outcome: 'answered' | StepError): void {
    if (outcome === 'answered' || outcome.classification === 'fatal') {
      this.failures = 0;
      this.pauseMs = firstPauseMs;
      this.openUntil = null;
      return;
    }
    // It is there and says itself when to come back: no failure, but no proof of health either.
    if (outcome.retryAfterMs !== undefined) return this.openUntil ? this.open(Math.min(outcome.retryAfterMs, longestPauseMs)) : undefined;
    this.failures += 1;
    if (this.openUntil && this.openUntil > this.clock.now()) return;
    if (this.failures < failuresToOpen) return;
    this.open(this.pauseMs);
    this.pauseMs = Math.min(longestPauseMs, this.pauseMs * 2);
  }

  private open(ms: number): void {
    this.openUntil = new Date(this.clock.now().getTime() + ms);
  }
}

/** On top of a pause, so that all who were turned away do not come back together. */
function some(ms: number): number {
  return Math.random() * Math.min(longestPauseMs / 4, ms);
}

function clockTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}
