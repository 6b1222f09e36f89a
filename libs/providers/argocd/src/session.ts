import { createHash } from 'node:crypto';
import { lookAgainMs, NotNow, type RateLimiter, StepError, untilAborted } from '@slipway/engine';
import { z } from 'zod';
import { classifyAnswer, classifySilence, parseJson, unreadable } from './classify-error.js';
import type { CallContext } from './client.js';
import type { ArgocdConfig } from './config.js';
import { expiryOf } from './token-expiry.js';
import type { Transport } from './transport.js';

export interface Session {
  /** A token that was good a moment ago; its value is redacted from the log of `ctx`. */
  token(ctx: CallContext): Promise<string>;
  /** The server refuses this token: another, or undefined where asking again brings the same. */
  replace(ctx: CallContext, token: string): Promise<string | undefined>;
}

export function createSession(config: ArgocdConfig, transport: Transport, limiter: RateLimiter): Session {
  return 'token' in config ? givenToken(config.token) : passwordSession(config, transport, limiter);
}

/** Resolved for each call, so that a token which was replaced where the reference points is picked up at once. */
function givenToken(reference: string): Session {
  return {
    token: (ctx) => ctx.secrets.resolve(reference),
    async replace(ctx, token) {
      const current = await ctx.secrets.resolve(reference);
      return current === token ? undefined : current;
    },
  };
}

type PasswordConfig = Extract<ArgocdConfig, { password: string }>;

const loginDeadlineMs = 20_000;
/** Renewed so long before it ends. */
const sessionMarginMs = 60_000;

function passwordSession(config: PasswordConfig, transport: Transport, limiter: RateLimiter): Session {
  const turns = logInTurns(config, limiter);
  let current: { token: string; until: number } | undefined;
  let pending: Promise<string> | undefined;

  const renew = async (ctx: CallContext): Promise<string> => {
    const password = await ctx.secrets.resolve(config.password);
    const token = await turns.take(ctx, password, () => login(config, transport, password));
    current = { token, until: expiryOf(token) ?? ctx.clock.now().getTime() + 3_600_000 };
    return token;
  };

  const session: Session = {
    async token(ctx) {
      const fresh = current && ctx.clock.now().getTime() < current.until - sessionMarginMs;
      // One login at a time, whoever waits for it.
      pending ??= fresh ? undefined : renew(ctx).finally(() => (pending = undefined));
      const token = fresh && current ? current.token : await waitFor(pending!, ctx.signal);
      ctx.secrets.protect(token);
      return token;
    },
    replace(ctx, token) {
      if (current?.token === token) current = undefined;
      return session.token(ctx);
    },
  };
  return session;
}

/** The login goes on where one run stops waiting: others may wait for the same one. */
async function waitFor(login: Promise<string>, signal: AbortSignal): Promise<string> {
  try {
    return await untilAborted(login, signal);
  } catch (error) {
    if (error instanceof NotNow) throw error;
    throw classifySilence(error, { what: 'log in to Argo CD', write: false });
  }
}

/**
 * Argo CD counts an account's failed log-ins until 300 s have passed without one, and from the fifth on refuses the right
 * password too (argoproj/argo-cd, util/session/sessionmanager.go). So log-ins go one after another over all processes, rest a
 * while after the first and the second failure, and after the third until the count has run out: two are left for people.
 */
const windowMs = 301_000;
const shortRestMs = 30_000;
const failuresBeforeRest = 2;

interface LogInTurns {
  /** @throws NotNow while log-ins rest; StepError `argocd_unauthorized` for a password that was refused, at once where it is known. */
  take(ctx: CallContext, password: string, logIn: () => Promise<string>): Promise<string>;
}

function logInTurns(config: PasswordConfig, limiter: RateLimiter): LogInTurns {
  const budget = `argocd log-in ${config.url} ${config.username}`;
  const demand = { alone: { gapMs: 0, leaseMs: loginDeadlineMs + 5_000 }, within: [] };
  let refused: { fingerprint: string; until: number } | undefined;

  const rest = async (): Promise<void> => {
    const failures = { name: 'failures', most: failuresBeforeRest, perMs: windowMs, cost: 1 };
    const { granted } = await limiter.take(`${budget} failed`, { within: [failures] });
    await limiter.pause(budget, granted ? shortRestMs : windowMs);
  };

  return {
    async take(ctx, password, logIn) {
      const fingerprint = createHash('sha256').update(password).digest('hex');
      const now = ctx.clock.now().getTime();
      if (refused?.fingerprint === fingerprint && now < refused.until) throw passwordRefused(config);
      let pass = await limiter.take(budget, demand);
      while (!pass.granted && pass.because !== 'a pause was asked for') {
        await ctx.clock.sleep(pass.afterMs || lookAgainMs);
        pass = await limiter.take(budget, demand);
      }
      if (!pass.granted) throw resting(config, pass.afterMs);
      try {
        return await logIn();
      } catch (error) {
        if (!(error instanceof StepError) || error.code !== 'argocd_unauthorized') throw error;
        refused = { fingerprint, until: now + windowMs };
        await rest();
        throw passwordRefused(config);
      } finally {
        await pass.done();
      }
    },
  };
}

async function login(config: PasswordConfig, transport: Transport, password: string): Promise<string> {
  const call = { what: `log in to Argo CD as ${config.username}`, write: false };
  const signal = AbortSignal.timeout(loginDeadlineMs);
  const body = { username: config.username, password };
  const answer = await transport({ method: 'POST', path: '/api/v1/session', body, signal }).catch((error: unknown) => {
    throw classifySilence(signal.aborted ? signal.reason : error, call);
  });
  if (answer.status !== 200) throw classifyAnswer(answer, call);
  const parsed = z.object({ token: z.string().min(1) }).safeParse(parseJson(answer.body));
  if (!parsed.success) throw unreadable(call, parsed.error);
  return parsed.data.token;
}

function resting(config: PasswordConfig, afterMs: number): NotNow {
  const reason =
    `Argo CD has refused the password of ${config.username}; to keep the account from being locked, the next log-in waits ` +
    `${Math.ceil(afterMs / 1_000)} s. Is the password at ${config.password} the right one?`;
  return new NotNow({ afterMs, reason });
}

function passwordRefused(config: PasswordConfig): StepError {
  return new StepError('fatal', 'argocd_unauthorized', `Argo CD does not accept the password of ${config.username}.`, {
    remedy:
      `Put the right password at ${config.password}. ` +
      'After five failed logins within five minutes Argo CD refuses the right one too: then wait five minutes.',
  });
}
