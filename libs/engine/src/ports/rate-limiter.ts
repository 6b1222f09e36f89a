/**
 * The pace at which an outside system may be called with one credential, kept in common by everybody who calls it. Never throws
 * and never hangs: where what they share is away, each process keeps the pace by itself until it is back.
 */
export interface RateLimiter {
  /** A pass for one call, or how long there is none. `budget` names the credential, never shows it. */
  take(budget: string, demand: Demand): Promise<Pass>;
  /** The other side asked to be left alone for so long, by everybody. A longer pause that holds stays. */
  pause(budget: string, ms: number): Promise<void>;
}

export interface Demand {
  /** No other such call meanwhile, and none that begins sooner than `gapMs` after this one. A pass that is not given back is gone after `leaseMs`. */
  alone?: { gapMs: number; leaseMs: number };
  within: readonly Allowance[];
}

/** So many points in any stretch of time; whoever takes the first point of `name` and whoever takes the last agree on `most` and `perMs`. */
export interface Allowance {
  name: string;
  most: number;
  perMs: number;
  cost: number;
}

export type Pass =
  | {
      granted: true;
      /** Once the answer is there, or none will come. */
      done(): Promise<void>;
    }
  | { granted: false; afterMs: number; because: 'another call is under way' | 'the allowance is used up' | 'a pause was asked for' };

/** How soon to ask again while another's call is under way: nobody knows how long it takes. */
export const lookAgainMs = 100;
