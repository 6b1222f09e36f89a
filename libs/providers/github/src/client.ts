import { type Clock, NotNow, type RateLimiter, type Secrets, untilAborted } from '@slipway/engine';
import { Octokit } from 'octokit';
import { classifyError } from './classify-error.js';
import type { GithubConfig } from './config.js';
import { paceRequests } from './pace-requests.js';

/** What a call needs of the step or kind that makes it. */
export interface CallContext {
  signal: AbortSignal;
  secrets: Secrets;
  clock: Clock;
}

export interface GithubCall<T> {
  /** Completes the sentence "Could not …": `create the repository acme/shop`. */
  what: string;
  /** Whether it changes something, so that a missing answer leaves the outcome unknown. */
  write?: boolean;
  send(octokit: Octokit): Promise<T>;
}

export interface GithubClient {
  readonly config: GithubConfig;
  /** Throws `StepError`, or `NotNow` where it would have to stand in line for long; then nothing of it was sent. */
  call<T>(ctx: CallContext, call: GithubCall<T>): Promise<T>;
}

/** From the moment a request leaves; time spent in line does not count. */
const requestDeadlineMs = 20_000;

/** The limiter is the one of all who use this credential. */
export function createGithubClient(config: GithubConfig, limiter: RateLimiter): GithubClient {
  return {
    config,
    async call(ctx, call) {
      // Resolved anew for each call: a rotated token is picked up without a restart, and none is kept.
      const token = await ctx.secrets.resolve(config.token);
      try {
        ctx.signal.throwIfAborted();
        // Not `fetch`'s signal alone: a request can stand in line, and is not sent once its turn comes.
        return await untilAborted(call.send(connect(config, token, ctx, limiter)), ctx.signal);
      } catch (error) {
        if (error instanceof NotNow) throw error;
        throw classifyError(error, {
          what: call.what,
          write: call.write ?? false,
          tokenReference: config.token,
          now: ctx.clock.now(),
        });
      }
    },
  };
}

function connect(config: GithubConfig, token: string, ctx: CallContext, limiter: RateLimiter): Octokit {
  const octokit = new Octokit({
    auth: token,
    baseUrl: config.apiUrl,
    userAgent: 'slipway/0.1.0',
    log: silent,
    request: { retries: 0, fetch: withDeadline(ctx.signal) },
    // The engine retries: it knows the step's bounds, and says in the log that it does.
    retry: { enabled: false },
    // Octokit's own knows of this process alone, and begins a write while another goes on.
    throttle: { enabled: false },
  });
  if (config.throttle) paceRequests(octokit, { limiter, budget: `github ${config.apiUrl} ${config.org}`, ctx });
  return octokit;
}

function withDeadline(signal: AbortSignal): typeof fetch {
  return (resource, init) =>
    fetch(resource, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(requestDeadlineMs)]) });
}

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
