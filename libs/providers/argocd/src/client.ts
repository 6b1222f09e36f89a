import type { Clock, Secrets } from '@slipway/engine';
import type { z } from 'zod';
import { classifyAnswer, classifySilence, parseJson, unreadable } from './classify-error.js';
import type { ArgocdConfig } from './config.js';
import { createSession, type Session } from './session.js';

/** What a call needs of the step or kind that makes it. */
export interface CallContext {
  signal: AbortSignal;
  secrets: Secrets;
  clock: Clock;
}

export interface ArgocdCall<T> {
  /** Completes the sentence "Could not …": `create the application shop`. */
  what: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From `/api/v1` on, encoded. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** Only the fields that we use. */
  answer: z.ZodType<T>;
}

export interface ArgocdClient {
  readonly config: ArgocdConfig;
  /** Throws `StepError` alone. */
  call<T>(ctx: CallContext, call: ArgocdCall<T>): Promise<T>;
}

/** Long, since a GET with `refresh` answers only once the controller has compared. */
const requestDeadlineMs = 45_000;

export function createArgocdClient(config: ArgocdConfig): ArgocdClient {
  const session = createSession(config);
  return {
    config,
    async call(ctx, call) {
      const response = await sendWithSession(config, session, ctx, call);
      const text = await readText(response, call);
      if (!response.ok) throw classifyAnswer({ status: response.status, body: text }, describe(call));
      const parsed = call.answer.safeParse(parseJson(text));
      if (!parsed.success) throw unreadable(describe(call), parsed.error);
      return parsed.data;
    },
  };
}

/** A session can end early (the password was changed, the server's key renewed): then one new login. */
async function sendWithSession<T>(
  config: ArgocdConfig,
  session: Session,
  ctx: CallContext,
  call: ArgocdCall<T>,
): Promise<Response> {
  const token = await session.token(ctx);
  const response = await send(config, token, ctx.signal, call);
  if (response.status !== 401 || !session.forget(token)) return response;
  await response.body?.cancel();
  return send(config, await session.token(ctx), ctx.signal, call);
}

async function send<T>(config: ArgocdConfig, token: string, signal: AbortSignal, call: ArgocdCall<T>): Promise<Response> {
  const url = new URL(`${config.url}/api/v1${call.path}`);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  try {
    return await fetch(url, {
      method: call.method,
      // Exactly this content type, on DELETE too: Argo CD answers 415 to any other, a charset included.
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestDeadlineMs)]),
      // Not followed, which would carry the token away: what it answers then names the fault.
      redirect: 'manual',
    });
  } catch (error) {
    throw classifySilence(error, describe(call));
  }
}

async function readText<T>(response: Response, call: ArgocdCall<T>): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw classifySilence(error, describe(call));
  }
}

function describe<T>(call: ArgocdCall<T>): { what: string; write: boolean } {
  return { what: call.what, write: call.method !== 'GET' };
}
