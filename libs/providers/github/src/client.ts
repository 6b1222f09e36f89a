import { type Clock, NotNow, type RateLimiter, type Secrets, StepError, untilAborted } from '@slipway/engine';
import { Octokit } from 'octokit';
import { type Access, type Scope, tokenAccess } from './access.js';
import { type AppAccess, appAccess } from './app-access.js';
import { classifyError } from './classify-error.js';
import type { GithubConfig } from './config.js';
import { octokitOptions } from './octokit-options.js';
import { paceRequests } from './pace-requests.js';

/** What a call needs of the step or kind that makes it. */
export interface CallContext {
  signal: AbortSignal;
  secrets: Secrets;
  clock: Clock;
}

export interface GithubCall<T> extends Scope {
  /** Completes the sentence "Could not …": `create the repository acme/shop`. */
  what: string;
  /** Whether it changes something, so that a missing answer leaves the outcome unknown. */
  write?: boolean;
  /** Called twice where GitHub did not take a token that was kept too long. */
  send(octokit: Octokit): Promise<T>;
}

export interface GithubClient {
  readonly config: GithubConfig;
  readonly access: Access;
  /** Set where we are a GitHub App. */
  readonly app: AppAccess | null;
  /** Throws `StepError`, or `NotNow` where it would have to stand in line for long; then nothing of it was sent. */
  call<T>(ctx: CallContext, call: GithubCall<T>): Promise<T>;
}

/** A token that was issued a moment ago is not known everywhere at GitHub yet. */
const newTokenMs = 1_000;

/** The limiter is the one of all who use this credential. */
export function createGithubClient(config: GithubConfig, limiter: RateLimiter): GithubClient {
  const app = config.app ? appAccess(config, config.app) : null;
  const access = app ?? tokenAccess(config.token ?? '');

  async function attempt<T>(ctx: CallContext, call: GithubCall<T>): Promise<T> {
    const token = await access.token(ctx, call);
    try {
      ctx.signal.throwIfAborted();
      // Not `fetch`'s signal alone: a request can stand in line, and is not sent once its turn comes.
      return await untilAborted(call.send(connect(config, token, ctx, limiter)), ctx.signal);
    } catch (error) {
      if (error instanceof NotNow) throw error;
      throw classifyError(error, {
        what: call.what,
        write: call.write ?? false,
        tokenReference: access.reference,
        now: ctx.clock.now(),
      });
    }
  }

  return {
    config,
    access,
    app,
    async call(ctx, call) {
      try {
        return await attempt(ctx, call);
      } catch (error) {
        if (!(error instanceof StepError) || error.code !== 'github_unauthorized' || !access.refused(call)) throw error;
        await access.token(ctx, call);
        await ctx.clock.sleep(newTokenMs, ctx.signal);
        return attempt(ctx, call);
      }
    },
  };
}

function connect(config: GithubConfig, token: string, ctx: CallContext, limiter: RateLimiter): Octokit {
  const octokit = new Octokit({ ...octokitOptions(config, ctx.signal), auth: token });
  if (config.throttle) paceRequests(octokit, { limiter, budget: `github ${config.apiUrl} ${config.org}`, ctx });
  return octokit;
}
