import { createHash } from 'node:crypto';
import { StepError, untilAborted } from '@slipway/engine';
import { z } from 'zod';
import { classifyAnswer, classifySilence, parseJson, unreadable } from './classify-error.js';
import type { CallContext } from './client.js';
import type { ArgocdConfig } from './config.js';

export interface Session {
  /** A token that was good a moment ago; its value is redacted from the log of `ctx`. */
  token(ctx: CallContext): Promise<string>;
  /** The server refuses this token. False where asking again would bring the same one. */
  forget(token: string): boolean;
}

/**
 * After 5 failed logins within 300 s Argo CD refuses the right password too. One attempt per 75 s with a password that was
 * refused stays below that, however many runs ask.
 */
const quietMs = 75_000;
const loginDeadlineMs = 20_000;

export function createSession(config: ArgocdConfig): Session {
  if ('token' in config) {
    return { token: (ctx) => ctx.secrets.resolve(config.token), forget: () => false };
  }
  return passwordSession(config);
}

type PasswordConfig = Extract<ArgocdConfig, { password: string }>;

function passwordSession(config: PasswordConfig): Session {
  let current: { token: string; until: number } | undefined;
  let pending: Promise<string> | undefined;
  let refused: { fingerprint: string; until: number } | undefined;

  const renew = async (ctx: CallContext): Promise<string> => {
    const password = await ctx.secrets.resolve(config.password);
    const fingerprint = createHash('sha256').update(password).digest('hex');
    const now = ctx.clock.now().getTime();
    if (refused?.fingerprint === fingerprint && now < refused.until) throw passwordRefused(config);
    try {
      const token = await login(config, password);
      current = { token, until: expiryOf(token) ?? now + 3_600_000 };
      return token;
    } catch (error) {
      if (error instanceof StepError && error.code === 'argocd_unauthorized') {
        refused = { fingerprint, until: now + quietMs };
        throw passwordRefused(config);
      }
      throw error;
    }
  };

  return {
    async token(ctx) {
      const fresh = current && ctx.clock.now().getTime() < current.until - 60_000;
      // One login at a time, whoever waits for it.
      pending ??= fresh ? undefined : renew(ctx).finally(() => (pending = undefined));
      const token = fresh && current ? current.token : await waitFor(pending!, ctx.signal);
      ctx.secrets.protect(token);
      return token;
    },
    forget(token) {
      if (current?.token === token) current = undefined;
      return true;
    },
  };
}

/** The login goes on where one run stops waiting: others may wait for the same one. */
async function waitFor(login: Promise<string>, signal: AbortSignal): Promise<string> {
  try {
    return await untilAborted(login, signal);
  } catch (error) {
    throw classifySilence(error, { what: 'log in to Argo CD', write: false });
  }
}

async function login(config: PasswordConfig, password: string): Promise<string> {
  const call = { what: `log in to Argo CD as ${config.username}`, write: false };
  const { status, text } = await sendLogin(config, password).catch((error: unknown) => {
    throw classifySilence(error, call);
  });
  if (status !== 200) throw classifyAnswer({ status, body: text }, call);
  const parsed = z.object({ token: z.string().min(1) }).safeParse(parseJson(text));
  if (!parsed.success) throw unreadable(call, parsed.error);
  return parsed.data.token;
}

async function sendLogin(config: PasswordConfig, password: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${config.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: config.username, password }),
    signal: AbortSignal.timeout(loginDeadlineMs),
    redirect: 'manual',
  });
  return { status: response.status, text: await response.text() };
}

/** The `exp` of a JSON Web Token, in ms. We trust it no further than for when to ask anew. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { exp } = z.object({ exp: z.number() }).parse(claims);
    return exp * 1000;
  } catch {
    return undefined;
  }
}

function passwordRefused(config: PasswordConfig): StepError {
  return new StepError('fatal', 'argocd_unauthorized', `Argo CD does not accept the password of ${config.username}.`, {
    remedy:
      `Put the right password at ${config.password}. ` +
      'After five failed logins within five minutes Argo CD refuses the right one too: then wait five minutes.',
  });
}
